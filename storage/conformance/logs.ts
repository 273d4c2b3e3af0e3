/** What every log store has to do. Registers tests for one engine; `logs.test.ts` runs it over all of them. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { type LogStore, StoreError, type StoreErrorCode } from "../ports.ts";
import { type LogEngine, play, refusal } from "./_log-histories.ts";
import { history } from "./_log-moves.ts";
import {
	alice,
	aliceLaptop,
	alicePhone,
	answer,
	bob,
	bobPhone,
	carlaPhone,
	chat,
	club,
	conversationNumber,
	entry,
	NO_LIMITS,
	NOON,
	subscription,
	treeNumber,
} from "./_people.ts";

const direct = {
	kind: "direct",
	epoch: 0,
	groupInfo: new Uint8Array([9]),
	tree: treeNumber(1),
	treeBytes: 10,
} as const;
const createChat = { kind: "create", log: chat, group: direct, alias: "alice+bob" } as const;
const append = (seq: number) => ({ kind: "append", log: chat, entry: entry(seq), sender: undefined }) as const;

const refused = (code: StoreErrorCode) => (error: unknown) => error instanceof StoreError && error.code === code;

async function inDirectory(work: (directory: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-logs-"));
	try {
		await work(directory);
	} finally {
		await rm(directory, { recursive: true });
	}
}

export function testLogs(engine: LogEngine): void {
	const story = (name: string, tell: (store: LogStore) => Promise<void>) =>
		test(name, () =>
			inDirectory(async (directory) => {
				await using store = await engine.open(directory);
				await tell(store);
			}),
		);

	describe(`logs: ${engine.name}`, () => {
		story("a new store is of generation 1 and empty", async (store) => {
			assert.equal(store.generation, 1);
			assert.equal(await store.load(chat), undefined);
			assert.deepEqual(await store.read(chat, 0, NO_LIMITS), []);
			assert.deepEqual(await store.unreadOf(bobPhone), []);
		});

		story("alice and bob start a chat at once and get one", async (store) => {
			const alices = { kind: "create", log: chat, group: direct, alias: "alice+bob" } as const;
			const bobs = { kind: "create", log: club, group: direct, alias: "alice+bob" } as const;
			const [first, second] = await Promise.all([refusal(store.write([alices])), refusal(store.write([bobs]))]);
			assert.equal(first, undefined);
			assert.deepEqual(second, { code: "LogExists", existing: chat });
			assert.equal(await store.findByAlias("alice+bob"), chat);
			assert.equal(await store.load(club), undefined);
			assert.deepEqual(await refusal(store.write([createChat])), { code: "LogExists", existing: chat });
		});

		story("a conflict fails alone: its neighbours in the same commit are stored", async (store) => {
			await store.write([createChat, append(1)]);
			const stale = { kind: "append", log: chat, entry: entry(2, { body: new Uint8Array([66]) }), sender: undefined };
			const results = await Promise.allSettled([
				store.write([append(2)]),
				store.write([stale as ReturnType<typeof append>, { kind: "trim", log: chat, upTo: 1 }]),
				store.write([append(3)]),
				store.write([{ kind: "append", log: club, entry: entry(1), sender: undefined }]),
				store.write([append(4)]),
			]);
			assert.deepEqual(
				results.map((result) => (result.status === "rejected" ? result.reason.code : "stored")),
				["stored", "LogMoved", "stored", "LogMissing", "stored"],
			);
			const stored = await store.read(chat, 0, NO_LIMITS);
			assert.deepEqual(stored, [entry(1), entry(2), entry(3), entry(4)]);
		});

		story("nothing of a failed transaction is visible", async (store) => {
			await store.write([
				createChat,
				{ kind: "subscribe", subscription: subscription(chat, bobPhone, bob) },
				append(1),
			]);
			const before = await store.load(chat);
			const sender = { device: alicePhone, lastClientSeq: 1, answers: [answer(1, 2)] };
			await assert.rejects(
				store.write([
					{ kind: "create", log: club, group: undefined, alias: "club" },
					{ kind: "append", log: chat, entry: entry(2), sender },
					{ kind: "acknowledge", log: chat, device: bobPhone, seq: 1 },
					{ kind: "unsubscribe", log: chat, device: bobPhone, until: 1 },
					{ kind: "register", row: { log: chat, device: bobPhone, sealed: new Uint8Array([1]), version: 1 } },
					{ kind: "epoch", log: chat, expected: 7, group: { ...direct, pendingRemovals: [] } },
				]),
				refused("LogMoved"),
			);
			assert.deepEqual(await store.load(chat), before);
			assert.equal(await store.load(club), undefined);
			assert.equal(await store.findByAlias("club"), undefined);
			assert.deepEqual(await store.registers([chat]), []);
			assert.deepEqual(await store.read(chat, 0, NO_LIMITS), [entry(1)]);
		});

		story("acknowledgements are cumulative and never go back", async (store) => {
			await store.write([createChat, { kind: "subscribe", subscription: subscription(chat, bobPhone, bob) }]);
			await store.write([append(1), append(2), append(3)]);
			assert.deepEqual(
				(await store.unreadOf(bobPhone)).map(({ log, acked, head }) => [log, acked, head]),
				[[chat, 0, 3]],
			);
			for (const seq of [2, 1]) await store.write([{ kind: "acknowledge", log: chat, device: bobPhone, seq }]);
			assert.equal((await store.unreadOf(bobPhone))[0]?.acked, 2);
			await store.write([{ kind: "acknowledge", log: chat, device: bobPhone, seq: 3 }]);
			assert.deepEqual(await store.unreadOf(bobPhone), []);
			assert.equal((await store.subscriptionsOf(bobPhone))[0]?.acked, 3);
		});

		story("carla is removed: she may have what came before, then she is forgotten", async (store) => {
			await store.write([
				{ kind: "create", log: club, group: { ...direct, kind: "group" }, alias: undefined },
				{ kind: "subscribe", subscription: subscription(club, carlaPhone, bob) },
			]);
			const write = (seq: number) => store.write([{ kind: "append", log: club, entry: entry(seq), sender: undefined }]);
			await write(1);
			await write(2);
			await store.write([{ kind: "unsubscribe", log: club, device: carlaPhone, until: 2 }]);
			await store.write([{ kind: "unsubscribe", log: club, device: carlaPhone, until: 9 }]);
			await write(3);
			assert.deepEqual(
				(await store.unreadOf(carlaPhone)).map(({ until, head }) => [until, head]),
				[[2, 3]],
			);
			assert.deepEqual(await store.conversationsOf(bob), []);
			await store.write([{ kind: "acknowledge", log: club, device: carlaPhone, seq: 2 }]);
			assert.deepEqual(await store.subscriptionsOf(carlaPhone), []);
			assert.deepEqual((await store.load(club))?.subscriptions, []);
			await store.write([
				{ kind: "subscribe", subscription: { ...subscription(club, carlaPhone, bob), from: 3, acked: 3 } },
			]);
			assert.deepEqual(await store.unreadOf(carlaPhone), []);
			assert.deepEqual(await store.conversationsOf(bob), [club]);
		});

		story("a page has at least one entry, however large, and otherwise keeps to both limits", async (store) => {
			await store.write([createChat]);
			const large = entry(2, { body: new Uint8Array(90_000).fill(7) });
			await store.write([append(1), { kind: "append", log: chat, entry: large, sender: undefined }, append(3)]);
			const seqs = async (after: number, entries: number, bytes: number) =>
				(await store.read(chat, after, { entries, bytes })).map(({ seq }) => seq);
			assert.deepEqual(await seqs(0, 10, 1000), [1]);
			assert.deepEqual(await seqs(1, 10, 1000), [2]);
			assert.deepEqual(await seqs(1, 10, 90_003), [2, 3]);
			assert.deepEqual(await seqs(0, 2, 1 << 20), [1, 2]);
			assert.deepEqual(await seqs(0, 0, 0), [1]);
			assert.deepEqual(await seqs(3, 10, 10), []);
			assert.deepEqual(await store.read(chat, 1, { entries: 1, bytes: 1 }), [large]);
		});

		story("a trim deletes up to the head at most, and never comes back", async (store) => {
			await store.write([createChat, append(1), append(2), append(3)]);
			await store.write([{ kind: "trim", log: chat, upTo: 2 }]);
			await store.write([{ kind: "trim", log: chat, upTo: 1 }]);
			assert.equal((await store.load(chat))?.trimmed, 2);
			assert.deepEqual(await store.read(chat, 0, NO_LIMITS), [entry(3)]);
			await store.write([{ kind: "trim", log: chat, upTo: 99 }]);
			assert.equal((await store.load(chat))?.trimmed, 3);
			await store.write([append(4)]);
			assert.deepEqual(await store.read(chat, 0, NO_LIMITS), [entry(4)]);
		});

		story("the retention job finds the longest overdue logs first", async (store) => {
			for (const [n, first] of [
				[1, 30],
				[2, 10],
				[3, 20],
				[4, 99],
			] as const) {
				const log = conversationNumber(n);
				const at = (seq: number, time: number) =>
					({ kind: "append", log, entry: entry(seq, { timeMs: NOON + time }), sender: undefined }) as const;
				await store.write([{ kind: "create", log, group: undefined, alias: undefined }]);
				await store.write([at(1, first), at(2, first + 1), at(3, 200)]);
			}
			const overdue = (limit: number) => store.olderThan(NOON + 50, limit);
			assert.deepEqual(
				await overdue(2),
				[2, 3].map((n) => ({ log: conversationNumber(n), upTo: 2 })),
			);
			await store.write([{ kind: "trim", log: conversationNumber(2), upTo: 2 }]);
			assert.deepEqual(
				await overdue(9),
				[3, 1].map((n) => ({ log: conversationNumber(n), upTo: 2 })),
			);
		});

		story("a later register wins, whatever comes last", async (store) => {
			await store.write([createChat, { kind: "create", log: club, group: undefined, alias: undefined }]);
			const put = (log: typeof chat, version: number) =>
				store.write([{ kind: "register", row: { log, device: bobPhone, sealed: new Uint8Array([version]), version } }]);
			await put(chat, 2);
			await put(chat, 1);
			await put(club, 5);
			assert.deepEqual(await store.registers([chat]), [
				{ log: chat, device: bobPhone, sealed: new Uint8Array([2]), version: 2 },
			]);
			assert.equal((await store.registers([club, chat, club])).length, 2);
			assert.deepEqual(await store.registers([]), []);
		});

		story("an account is as far as the device that has most; who has nothing is in no answer", async (store) => {
			const joins = [subscription(chat, alicePhone, alice), subscription(chat, aliceLaptop, alice)].concat(
				subscription(chat, bobPhone, bob),
			);
			await store.write([createChat, append(1), append(2), append(3)]);
			await store.write(joins.map((subscription) => ({ kind: "subscribe", subscription }) as const));
			await store.write([{ kind: "acknowledge", log: chat, device: aliceLaptop, seq: 3 }]);
			await store.write([{ kind: "acknowledge", log: chat, device: alicePhone, seq: 1 }]);
			assert.deepEqual(await store.progressOf([club, chat, chat]), [{ log: chat, account: alice, acked: 3 }]);
			assert.deepEqual(await store.progressOf([]), []);
		});

		story("what the caller does to its objects afterwards changes nothing", async (store) => {
			const body = new Uint8Array([1, 2, 3]);
			const answers = [answer(1, 1)];
			const sender = { device: alicePhone, lastClientSeq: 1, answers };
			const written = store.write([createChat, { kind: "append", log: chat, entry: entry(1, { body }), sender }]);
			body.fill(0);
			answers.push(answer(2, 2));
			await written;
			const [read] = await store.read(chat, 0, NO_LIMITS);
			assert.deepEqual(read?.body, new Uint8Array([1, 2, 3]));
			read?.body.fill(9);
			assert.deepEqual((await store.read(chat, 0, NO_LIMITS))[0]?.body, new Uint8Array([1, 2, 3]));
			assert.deepEqual((await store.load(chat))?.senders, [{ ...sender, answers: [answer(1, 1)] }]);
		});

		story("a call sees every write before it", async (store) => {
			const writes = [store.write([createChat]), store.write([append(1)]), store.write([append(2)])];
			assert.equal((await store.load(chat))?.head, 2);
			writes.push(store.write([append(3)]));
			assert.equal((await store.read(chat, 0, NO_LIMITS)).length, 3);
			await Promise.all(writes);
		});

		story("a sender's window of 32 answers moves with every send", async (store) => {
			await store.write([createChat]);
			let answers: readonly ReturnType<typeof answer>[] = [];
			for (let n = 1; n <= 80; n++) {
				answers = [...answers.slice(-31), answer(n, n)];
				const sender = { device: aliceLaptop, lastClientSeq: n, answers };
				await store.write([{ kind: "append", log: chat, entry: entry(n), sender }]);
			}
			assert.deepEqual((await store.load(chat))?.senders, [{ device: aliceLaptop, lastClientSeq: 80, answers }]);
		});

		const { crash } = engine;
		if (crash !== undefined) {
			test("alice's window is whole after a crash, also where her last send was refused", () =>
				inDirectory(async (directory) => {
					let store = await engine.open(directory);
					try {
						const send = (seq: number, ...answers: ReturnType<typeof answer>[]) => {
							const sender = { device: alicePhone, lastClientSeq: answers.length, answers };
							return { kind: "append", log: chat, entry: entry(seq), sender } as const;
						};
						await store.write([createChat]);
						const stale = { kind: "append", log: club, entry: entry(1), sender: undefined } as const;
						const outcomes = [
							store.write([send(1, answer(1, 1))]),
							refusal(store.write([send(2, answer(1, 1), answer(2, 2)), stale])),
							store.write([send(2, answer(1, 1), answer(2, 2), answer(3, 2))]),
						];
						await Promise.all(outcomes);
						const before = await store.load(chat);
						assert.equal(before?.senders[0]?.answers.length, 3);
						store = await crash(store, directory);
						assert.deepEqual(await store.load(chat), before);
					} finally {
						await store[Symbol.asyncDispose]();
					}
				}));
		}

		test("a store that is closed refuses everything", () =>
			inDirectory(async (directory) => {
				const store = await engine.open(directory);
				const last = store.write([createChat]);
				await store[Symbol.asyncDispose]();
				await last;
				await assert.rejects(store.write([append(1)]), refused("StoreFailed"));
				await assert.rejects(store.load(chat), refused("StoreFailed"));
				await store[Symbol.asyncDispose]();
			}));

		test("random histories: the same as the plain model", () =>
			fc.assert(
				fc.asyncProperty(history, (moves) => inDirectory((directory) => play(engine, directory, moves))),
				// Looking for the smallest failing history may take long: what is found by then is told.
				{ numRuns: engine.histories, interruptAfterTimeLimit: rounds(100_000) },
			));
	});
}
