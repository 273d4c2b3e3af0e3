/** Random histories of a log store: moves as fast-check shrinks them, and the steps they become. */
import type { AccountId, LogId } from "@troth/protocol";
import fc from "fast-check";
import type { LogWrite, SenderRow } from "../ports.ts";
import type { LogModel } from "./_log-model.ts";
import {
	alice,
	aliceLaptop,
	alicePhone,
	answer,
	bob,
	bobPhone,
	chat,
	club,
	digestNumber,
	NOON,
	subscription,
	treeNumber,
} from "./_people.ts";

export const LOGS: readonly LogId[] = [chat, club, alicePhone];
export const DEVICES = [alicePhone, aliceLaptop, bobPhone];
export const ACCOUNTS: readonly AccountId[] = [alice, bob];
export const ALIASES = ["alice+bob", "club"];

/** A step that still has to be filled in from what the store has by then. */
type Draft = (model: LogModel) => LogWrite;

export type Move =
	/** Transactions that are written without waiting for each other. */
	| { readonly kind: "write"; readonly transactions: readonly (readonly Draft[])[] }
	| { readonly kind: "checkpoint" }
	| { readonly kind: "reopen" }
	| { readonly kind: "crash" };

const log = fc.constantFrom(...LOGS);
const device = fc.constantFrom(...DEVICES);
const account = fc.constantFrom(...ACCOUNTS);
const seq = fc.integer({ min: 0, max: 12 });
const optionalSeq = fc.option(seq, { nil: undefined });
const body = fc.uint8Array({ maxLength: 40 });
/** Mostly what a writer with a fresh copy would say. */
const offset = fc.constantFrom(0, 0, 0, 0, 0, 0, 1, -1);

const groupState = fc.record({
	epoch: fc.integer({ min: 0, max: 5 }),
	groupInfo: body,
	tree: fc.integer({ min: 0, max: 3 }).map(treeNumber),
	treeBytes: fc.integer({ min: 0, max: 5000 }),
});

const create = fc
	.record({
		log,
		alias: fc.option(fc.constantFrom(...ALIASES), { nil: undefined }),
		group: fc.option(
			fc
				.tuple(fc.constantFrom("direct" as const, "group" as const), groupState)
				.map(([kind, state]) => ({ kind, ...state })),
			{ nil: undefined },
		),
	})
	.map(
		(step): Draft =>
			() => ({ kind: "create", ...step }),
	);

const sender = fc.oneof(
	{ weight: 2, arbitrary: fc.constant(undefined) },
	{ weight: 6, arbitrary: fc.record({ device, kept: fc.integer({ min: 0, max: 4 }) }) },
	{ weight: 1, arbitrary: fc.record({ device, row: fc.array(fc.tuple(seq, seq), { maxLength: 4 }), last: seq }) },
);

const append = fc
	.record({
		log,
		offset,
		time: fc.integer({ min: 0, max: 20 }),
		kind: fc.constantFrom(1 as const, 2 as const),
		senderAccount: fc.option(account, { nil: undefined }),
		body,
		sender,
	})
	.map(
		({ log, offset, time, sender, ...entry }): Draft =>
			(model) => {
				const seq = Math.max(1, model.head(log) + 1 + offset);
				const timeMs = NOON + time;
				return {
					kind: "append",
					log,
					entry: { seq, timeMs, ...entry },
					sender: rowOf(model, log, seq, timeMs, sender),
				};
			},
	);

type SenderDraft = typeof sender extends fc.Arbitrary<infer Value> ? Value : never;

function rowOf(model: LogModel, log: LogId, seq: number, timeMs: number, draft: SenderDraft): SenderRow | undefined {
	if (draft === undefined) return undefined;
	if ("row" in draft) {
		const answers = draft.row.map(([clientSeq, at]) => answer(clientSeq, at));
		return { device: draft.device, lastClientSeq: draft.last, answers };
	}
	const before = model.sender(log, draft.device);
	const clientSeq = (before?.lastClientSeq ?? 0) + 1;
	const kept = draft.kept === 0 ? [] : (before?.answers.slice(-draft.kept) ?? []);
	const answers = [...kept, { clientSeq, digest: digestNumber(clientSeq), seq, timeMs }];
	return { device: draft.device, lastClientSeq: clientSeq, answers };
}

const epoch = fc.record({ log, offset, group: groupState, pendingRemovals: fc.array(device, { maxLength: 2 }) }).map(
	({ log, offset, group, pendingRemovals }): Draft =>
		(model) => {
			const expected = Math.max(0, (model.epoch(log) ?? 0) + offset);
			return { kind: "epoch", log, expected, group: { ...group, pendingRemovals } };
		},
);

const pendingRemovals = fc.record({ log, devices: fc.array(device, { maxLength: 3 }) }).map(
	(step): Draft =>
		() => ({ kind: "pending-removals", ...step }),
);

const subscribe = fc
	.record({
		log,
		device,
		account,
		leaf: optionalSeq,
		role: fc.constantFrom("member" as const, "admin" as const),
		from: seq,
		acked: seq,
		floor: seq,
		until: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, seq),
	})
	.map(
		(subscription): Draft =>
			() => ({ kind: "subscribe", subscription }),
	);

/** Small steps from where the log stands: what moves far at once soon has nowhere to go. */
const forward = fc.constantFrom(-1, 0, 1, 1, 1, 2, 5);

const acknowledge = fc.record({ log, device, forward }).map(
	({ log, device, forward }): Draft =>
		(model) => {
			const acked = model.load(log)?.subscriptions.find((row) => row.device === device)?.acked ?? 0;
			return { kind: "acknowledge", log, device, seq: Math.max(0, acked + forward) };
		},
);
const unsubscribe = fc.record({ log, device, until: seq }).map(
	(step): Draft =>
		() => ({ kind: "unsubscribe", ...step }),
);
const floor = fc.record({ log, device, floor: seq }).map(
	(step): Draft =>
		() => ({ kind: "floor", ...step }),
);
const trim = fc.record({ log, forward }).map(
	({ log, forward }): Draft =>
		(model) => {
			return { kind: "trim", log, upTo: Math.max(0, (model.load(log)?.trimmed ?? 0) + forward) };
		},
);
const register = fc.record({ log, device, sealed: body, version: fc.integer({ min: 0, max: 4 }) }).map(
	(row): Draft =>
		() => ({ kind: "register", row }),
);

const step = fc.oneof(
	{ weight: 3, arbitrary: create },
	{ weight: 12, arbitrary: append },
	{ weight: 2, arbitrary: epoch },
	{ weight: 1, arbitrary: pendingRemovals },
	{ weight: 3, arbitrary: subscribe },
	{ weight: 10, arbitrary: acknowledge },
	{ weight: 1, arbitrary: unsubscribe },
	{ weight: 1, arbitrary: floor },
	{ weight: 4, arbitrary: trim },
	{ weight: 2, arbitrary: register },
);
const transaction = fc.oneof(
	{ weight: 3, arbitrary: fc.tuple(step) },
	{ weight: 1, arbitrary: fc.array(step, { maxLength: 5 }) },
);

const move: fc.Arbitrary<Move> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constant("write" as const),
			transactions: fc.array(transaction, { minLength: 1, maxLength: 6 }),
		}),
	},
	{ weight: 1, arbitrary: fc.constant({ kind: "checkpoint" as const }) },
	{ weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
	{ weight: 2, arbitrary: fc.constant({ kind: "crash" as const }) },
);

const everyCursor = LOGS.flatMap((log) => DEVICES.map((device) => ({ log, device })));

/** Logs that exist and cursors that stand at the beginning, so that most of a history is about something. */
const beginning = fc
	.tuple(fc.array(create, { minLength: 2, maxLength: 4 }), fc.subarray(everyCursor, { minLength: 3 }))
	.map(([creates, cursors]): readonly Draft[] => [
		...creates,
		...cursors.map(
			({ log, device }): Draft =>
				() => {
					return { kind: "subscribe", subscription: subscription(log, device, device === bobPhone ? bob : alice) };
				},
		),
	]);

export const history: fc.Arbitrary<readonly Move[]> = fc
	.tuple(beginning, fc.array(move, { minLength: 4, maxLength: 30, size: "max" }))
	.map(([first, rest]) => [{ kind: "write" as const, transactions: first.map((step) => [step]) }, ...rest]);
