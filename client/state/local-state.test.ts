/** Local transactions: alone, all or nothing, told only when they are durable. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { UNKNOWN_ACCOUNT } from "../identity/directory.ts";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { nodeCryptoProvider } from "../mls/provider.node.ts";
import { MemoryStore } from "../store/memory.ts";
import type { LocalStore } from "../store/port.ts";
import { KEYS, outboxOwner, within } from "./keys.ts";
import { LocalState, StateClosed, StateFailed } from "./local-state.ts";
import type { AccountRecord } from "./records.ts";

const engine = createMlsEngine(nodeCryptoProvider);
const id = "11".repeat(16) as AccountId;
const account = (name: string): AccountRecord => ({ ...UNKNOWN_ACCOUNT, account: id, name });

test("what one transaction wrote is what the next one and the next opening read", async () => {
	const data = new Map<string, Uint8Array>();
	const state = await LocalState.open(new MemoryStore(data), engine);
	await state.transact(async (draft) => {
		draft.write(KEYS.account(id), account("Alice"));
		draft.writeBytes("bytes", new Uint8Array([1]));
		assert.equal((await draft.read(KEYS.account(id)))?.name, "Alice", "it sees its own writes");
		assert.equal(state.kept(KEYS.account(id)), undefined, "nobody else does yet");
	});
	assert.equal(state.kept(KEYS.account(id))?.name, "Alice");
	const again = await LocalState.open(new MemoryStore(data), engine);
	assert.equal(again.kept(KEYS.account(id))?.name, "Alice");
	assert.deepEqual(await again.readBytes("bytes"), new Uint8Array([1]));
	await again.transact(async (draft) => draft.write(KEYS.account(id), undefined));
	assert.equal(again.kept(KEYS.account(id)), undefined);
	assert.deepEqual(await again.range(within(KEYS.accounts)), []);
});

test("a transaction that throws leaves nothing and tells nothing", async () => {
	const state = await LocalState.open(new MemoryStore(), engine);
	const told: string[] = [];
	await assert.rejects(
		state.transact(async (draft) => {
			draft.write(KEYS.account(id), account("Alice"));
			draft.after(() => told.push("alice"));
			throw new RangeError("no");
		}),
		RangeError,
	);
	assert.equal(state.kept(KEYS.account(id)), undefined);
	assert.deepEqual(told, []);
});

test("transactions run one after the other, in the order they were asked for", async () => {
	const state = await LocalState.open(new MemoryStore(), engine);
	const order: string[] = [];
	const slow = state.transact(async (draft) => {
		await new Promise((resolve) => setTimeout(resolve, 20));
		const before = await draft.read(KEYS.account(id));
		draft.write(KEYS.account(id), account(`${before?.name ?? ""}a`));
		draft.after(() => order.push("slow"));
	});
	const fast = state.transact(async (draft) => {
		const before = await draft.read(KEYS.account(id));
		draft.write(KEYS.account(id), account(`${before?.name ?? ""}b`));
		draft.after(() => order.push("fast"));
	});
	await Promise.all([slow, fast]);
	assert.equal(state.kept(KEYS.account(id))?.name, "ab");
	assert.deepEqual(order, ["slow", "fast"]);
});

test("a nested draft is given up without the rest, or becomes part of it", async () => {
	const state = await LocalState.open(new MemoryStore(), engine);
	const told: string[] = [];
	await state.transact(async (draft) => {
		draft.write(KEYS.account(id), account("Alice"));
		const dropped = draft.nested();
		dropped.write(KEYS.account(id), account("Mallory"));
		dropped.after(() => told.push("mallory"));
		const taken = draft.nested();
		assert.equal((await taken.read(KEYS.account(id)))?.name, "Alice");
		taken.writeBytes("taken", new Uint8Array([2]));
		taken.after(() => told.push("taken"));
		draft.absorb(taken);
	});
	assert.equal(state.kept(KEYS.account(id))?.name, "Alice");
	assert.deepEqual(await state.readBytes("taken"), new Uint8Array([2]));
	assert.deepEqual(told, ["taken"]);
});

test("when the store fails, memory does not run ahead of it", async () => {
	const inner = new MemoryStore();
	let broken = false;
	const store: LocalStore = {
		get: (key) => inner.get(key),
		range: (from, to, options) => inner.range(from, to, options),
		write: (batch) => (broken ? Promise.reject(new Error("disk full")) : inner.write(batch)),
		[Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
	};
	const state = await LocalState.open(store, engine);
	broken = true;
	await assert.rejects(
		state.transact(async (draft) => draft.write(KEYS.account(id), account("Alice"))),
		StateFailed,
	);
	assert.equal(state.kept(KEYS.account(id)), undefined);
	broken = false;
	await state.transact(async (draft) => draft.write(KEYS.account(id), account("Bob")));
	assert.equal(state.kept(KEYS.account(id))?.name, "Bob");
	await state[Symbol.asyncDispose]();
	await assert.rejects(
		state.transact(async () => undefined),
		StateClosed,
	);
});

test("an outbox key names its conversation", () => {
	const conversation = "22".repeat(16) as Parameters<typeof KEYS.outbox>[0];
	assert.equal(outboxOwner(KEYS.outbox(conversation, "000000000001")), conversation);
});
