/**
 * Events of a person's life, recorded inside the caller's transaction: the new standing, the choices and the rows for
 * the door are stored together, or not at all.
 */
import { type AccountId, fromHex, isResidual } from "@troth/protocol";
import type { Transaction } from "kysely";
import {
	type Effect,
	type Lifecycle,
	type LifecycleEvent,
	recallsOf,
	reduce,
	type Step,
} from "../lifecycle/lifecycle.ts";
import { shareKeyOf } from "./share-key.ts";
import { type Policies, readStanding, toLifecycle, writeAgreed } from "./standing.ts";
import type { ConsentTables } from "./tables.ts";

type Records = Transaction<ConsentTables>;

/**
 * A new account: nothing accepted, nothing chosen, a share key of its own.
 *
 * @param numberRegion ISO 3166-1 alpha-2, where the number says one
 */
export async function openStanding(
	records: Records,
	account: AccountId,
	nowMs: number,
	numberRegion?: string,
): Promise<void> {
	await records
		.insertInto("standing")
		.values({ account_id: account, time_ms: nowMs, number_region: numberRegion ?? null })
		.execute();
	await shareKeyOf(records, account, nowMs);
}

/** Loads the account's state, lets the event happen to it and stores what became of it. */
export async function recordEvent(
	records: Records,
	account: AccountId,
	policies: Policies,
	event: Exclude<LifecycleEvent, { readonly type: "published" | "narrowed" | "deleted" }>,
): Promise<Step> {
	const decided = new Set("eventId" in event && (await isRecorded(records, event.eventId)) ? [event.eventId] : []);
	const before = toLifecycle(await readStanding(records, account), policies, decided);
	const step = reduce(before, event);
	if (step.refused === undefined) await storeSteps(records, [{ ...step, account, before }]);
	return step;
}

/**
 * Takes back everything that may be at a recipient, and forgets the person: choices, evidence, link and share key. For
 * accounts that are deleted, and for those whose number somebody else has now. Nothing happens where there is nothing.
 */
export async function recallEverything(records: Records, account: AccountId, nowMs: number): Promise<void> {
	const { choices } = await readStanding(records, account);
	await appendToOutbox(records, account, recallsOf(choices), nowMs);
	await appendToOutbox(records, account, await residualRecalls(records, account), nowMs);
	for (const table of PERSONAL) await records.deleteFrom(table).where("account_id", "=", account).execute();
}

const PERSONAL = [
	"standing",
	"share_key",
	"notice_displayed",
	"consent_choice",
	"consent_event",
	"consent_grant",
	"device_facts",
] as const satisfies readonly (keyof ConsentTables)[];

/** Of what was shared without a choice, all that an end takes back; the door knows how much of it there is. */
async function residualRecalls(records: Records, account: AccountId): Promise<readonly Effect[]> {
	const asked = await records
		.selectFrom("share_outbox")
		.select(["purpose", "recipient"])
		.distinct()
		.where("account_id", "=", account)
		.where("kind", "=", "share")
		.execute();
	return asked
		.filter(({ purpose }) => isResidual(purpose))
		.map(({ purpose, recipient }) => ({ type: "outbox", kind: "recall", purpose, recipient, generation: 0 }) as const);
}

async function isRecorded(records: Records, eventId: string): Promise<boolean> {
	const row = await records
		.selectFrom("consent_event")
		.select("event_id")
		.where("event_id", "=", eventId)
		.executeTakeFirst();
	return row !== undefined;
}

/** What an event changed about one account. */
export interface AccountStep extends Pick<Step, "state" | "effects"> {
	readonly account: AccountId;
	readonly before: Lifecycle;
}

/** Stores what events changed, inside the caller's transaction: as few statements for many accounts as for one. */
export async function storeSteps(records: Records, steps: readonly AccountStep[]): Promise<void> {
	await storeStandings(records, steps);
	await storeChoices(records, steps);
	const unlinked = steps.filter(({ effects }) => effects.some(({ type }) => type === "unlinked"));
	if (unlinked.length > 0)
		await records.deleteFrom("device_facts").where("account_id", "in", unlinked.map(accountOf)).execute();
	for (const some of chunks(steps.flatMap(outboxRows))) await records.insertInto("share_outbox").values(some).execute();
}

const accountOf = ({ account }: AccountStep) => account;

/** A row has a dozen values at most, and the stores take tens of thousands in a statement. */
const ROWS_AT_ONCE = 1000;

function chunks<Row>(rows: readonly Row[]): readonly (readonly Row[])[] {
	const count = Math.ceil(rows.length / ROWS_AT_ONCE);
	return Array.from({ length: count }, (_, n) => rows.slice(n * ROWS_AT_ONCE, (n + 1) * ROWS_AT_ONCE));
}

async function storeStandings(records: Records, steps: readonly AccountStep[]): Promise<void> {
	// What ends because of a version leaves everything of a standing but its time as it was.
	const [later, others] = [steps.filter(isOnlyLater), steps.filter((step) => !isOnlyLater(step))];
	for (const [timeMs, some] of Map.groupBy(later, ({ state }) => state.timeMs))
		await records
			.updateTable("standing")
			.set({ time_ms: timeMs })
			.where("account_id", "in", some.map(accountOf))
			.execute();
	for (const { account, state } of others)
		await records
			.updateTable("standing")
			.set({
				accepted_version: state.accepted?.policy.version ?? null,
				accepted_at_ms: state.accepted?.atMs ?? null,
				agreed_at: writeAgreed(state.accepted?.agreedAtMs),
				notice_version: state.notice?.version ?? null,
				notice_displayed_at_ms: state.notice?.displayedAtMs ?? null,
				deadline_ms: state.notice?.deadlineMs ?? null,
				time_ms: state.timeMs,
				number_region: state.person.numberRegion ?? null,
				declared_region: state.person.declaredRegion ?? null,
				minor: state.person.minor ? 1 : 0,
			})
			.where("account_id", "=", account)
			.execute();
}

function isOnlyLater({ before, state }: AccountStep): boolean {
	return before.accepted === state.accepted && before.notice === state.notice && before.person === state.person;
}

async function storeChoices(records: Records, steps: readonly AccountStep[]): Promise<void> {
	const changed = steps.flatMap(({ account, before, state }) =>
		[...state.choices]
			.filter(([purpose, choice]) => before.choices.get(purpose) !== choice)
			.map(([purpose, choice]) => ({
				account_id: account,
				purpose,
				state: choice.state,
				purpose_hash: fromHex(choice.purposeHash) ?? new Uint8Array(),
				generation: choice.generation,
				decided_at_ms: choice.decidedAtMs,
				event_id: choice.eventId,
				shown_on: choice.shownOn ? 1 : 0,
			})),
	);
	for (const some of chunks(changed))
		await records
			.insertInto("consent_choice")
			.values(some)
			.onConflict((conflict) =>
				conflict.columns(["account_id", "purpose"]).doUpdateSet(({ ref }) => ({
					state: ref("excluded.state"),
					purpose_hash: ref("excluded.purpose_hash"),
					generation: ref("excluded.generation"),
					decided_at_ms: ref("excluded.decided_at_ms"),
					event_id: ref("excluded.event_id"),
					shown_on: ref("excluded.shown_on"),
				})),
			)
			.execute();
	for (const { account, before, state } of steps)
		for (const purpose of before.choices.keys()) {
			if (state.choices.has(purpose)) continue;
			await records
				.deleteFrom("consent_choice")
				.where("account_id", "=", account)
				.where("purpose", "=", purpose)
				.execute();
		}
}

function outboxRows({ account, state, effects }: AccountStep) {
	return rowsOf(account, effects, state.timeMs);
}

/** In the order of the effects, which is the order in which the door deals with them. */
function rowsOf(account: AccountId, effects: readonly Effect[], nowMs: number) {
	return effects.flatMap((effect) => {
		if (effect.type !== "outbox") return [];
		const { kind, purpose, recipient, generation } = effect;
		return [{ account_id: account, kind, purpose, recipient, generation, created_at_ms: nowMs }];
	});
}

async function appendToOutbox(
	records: Records,
	account: AccountId,
	effects: readonly Effect[],
	nowMs: number,
): Promise<void> {
	const rows = rowsOf(account, effects, nowMs);
	if (rows.length > 0) await records.insertInto("share_outbox").values(rows).execute();
}
