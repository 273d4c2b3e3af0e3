/** Plays random histories on a store and on the plain model, and compares every answer. */
import assert from "node:assert/strict";
import { type LogStore, StoreError } from "../ports.ts";
import { LogModel, type ModelRefusal } from "./_log-model.ts";
import { ACCOUNTS, ALIASES, DEVICES, LOGS, type Move } from "./_log-moves.ts";
import { alice, NO_LIMITS, NOON } from "./_people.ts";

export interface LogEngine {
	readonly name: string;
	/** Opens the store that lives in this directory. */
	open(directory: string): Promise<LogStore>;
	/** Where there are files: the store as a crash at this moment leaves it, opened again. The old one is disposed. */
	readonly crash?: (store: LogStore, directory: string) => Promise<LogStore>;
	/** How many random histories to try. */
	readonly histories: number;
}

/** Why this was refused; undefined when it was not. */
export async function refusal(work: Promise<unknown>): Promise<ModelRefusal | undefined> {
	try {
		await work;
		return undefined;
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		return { code: error.code, existing: error.existing };
	}
}

/** Plays one history on the engine's store in this directory. Throws where it differs from the model. */
export async function play(engine: LogEngine, directory: string, moves: readonly Move[]): Promise<void> {
	const model = new LogModel();
	let store = await engine.open(directory);
	try {
		for (const move of moves) {
			if (move.kind === "write") await playWrites(store, model, move.transactions);
			else if (move.kind === "checkpoint") await store.checkpoint();
			else if (engine.crash !== undefined) {
				if (move.kind === "crash") store = await engine.crash(store, directory);
				else {
					await store[Symbol.asyncDispose]();
					store = await engine.open(directory);
				}
				await compareAll(store, model);
			}
		}
		await compareAll(store, model);
	} finally {
		await store[Symbol.asyncDispose]();
	}
}

async function playWrites(
	store: LogStore,
	model: LogModel,
	transactions: Extract<Move, { kind: "write" }>["transactions"],
): Promise<void> {
	const outcomes: Promise<void>[] = [];
	for (const drafts of transactions) {
		// Each step is filled in as a writer would who has made the ones before it.
		const ahead = model.copy();
		const steps = drafts.map((draft) => {
			const step = draft(ahead);
			ahead.write([step]);
			return step;
		});
		const expected = model.write(steps);
		outcomes.push(refusal(store.write(steps)).then((actual) => assert.deepEqual(actual, expected)));
	}
	await Promise.all(outcomes);
	await compareLogs(store, model);
}

async function compareLogs(store: LogStore, model: LogModel): Promise<void> {
	for (const log of LOGS) {
		assert.deepEqual(await store.load(log), model.load(log));
		const limits = { entries: 3, bytes: 60 };
		for (const after of [0, 1, 5])
			assert.deepEqual(await store.read(log, after, limits), model.read(log, after, limits));
	}
	const heads = LOGS.flatMap((log) => {
		const head = model.load(log)?.head;
		return head === undefined ? [] : [[log, head] as const];
	});
	assert.deepEqual(await store.heads(LOGS), new Map(heads));
	for (const device of DEVICES) {
		assert.deepEqual(await store.subscriptionsOf(device), model.subscriptionsOf(device));
		assert.deepEqual(await store.unreadOf(device), model.unreadOf(device));
	}
}

/** Everything that can be asked. `olderThan` comes last: some stores tidy up for it. */
async function compareAll(store: LogStore, model: LogModel): Promise<void> {
	await compareLogs(store, model);
	for (const log of LOGS) assert.deepEqual(await store.read(log, 0, NO_LIMITS), model.read(log, 0, NO_LIMITS));
	for (const alias of ALIASES) assert.equal(await store.findByAlias(alias), model.findByAlias(alias));
	for (const account of [...ACCOUNTS, alice]) {
		assert.deepEqual(await store.conversationsOf(account), model.conversationsOf(account));
	}
	assert.deepEqual(await store.registers(LOGS), model.registers(LOGS));
	assert.deepEqual(await store.progressOf(LOGS), model.progressOf(LOGS));
	for (const [time, limit] of [
		[0, 5],
		[10, 1],
		[15, 2],
		[30, 5],
	] as const) {
		assert.deepEqual(await store.olderThan(NOON + time, limit), model.olderThan(NOON + time, limit));
	}
}
