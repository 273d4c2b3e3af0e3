/**
 * What every local store has to do. Free of any test runner and of Node, so that the same cases run under `node:test`
 * (`conformance.test.ts`) and in a page of a real browser.
 */
import { LocalStoreError } from "./errors.ts";
import { prefixEnd } from "./keys.ts";
import type { LocalStore } from "./port.ts";

/** One place where a store can be opened, closed and opened again. */
export interface StorePlace {
	open(): Promise<LocalStore>;
	/** Removes what is there; every store of it is closed. */
	discard(): Promise<void>;
}

export interface ConformanceCase {
	readonly name: string;
	run(place: StorePlace): Promise<void>;
}

const value = (text: string) => new TextEncoder().encode(text);
const text = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : new TextDecoder().decode(bytes));

function equal(actual: unknown, expected: unknown, what: string): void {
	const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
	if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}

async function rejects(step: () => Promise<unknown>, test: (error: unknown) => boolean, what: string): Promise<void> {
	let thrown: unknown;
	try {
		await step();
	} catch (error) {
		thrown = error;
	}
	if (thrown === undefined || !test(thrown)) throw new Error(`${what}: found ${String(thrown)}`);
}

async function put(store: LocalStore, ...rows: readonly (readonly [string, string | undefined])[]): Promise<void> {
	await store.write(new Map(rows.map(([key, content]) => [key, content === undefined ? undefined : value(content)])));
}

async function keysOf(store: LocalStore, ...range: Parameters<LocalStore["range"]>): Promise<readonly string[]> {
	return (await store.range(...range)).map(([key]) => key);
}

function within(name: string, run: (store: LocalStore) => Promise<void>): ConformanceCase {
	return {
		name,
		async run(place) {
			const store = await place.open();
			try {
				await run(store);
			} finally {
				await store[Symbol.asyncDispose]();
			}
		},
	};
}

export const LOCAL_STORE_CASES: readonly ConformanceCase[] = [
	within("what was written is read, what was not is undefined", async (store) => {
		await put(store, ["profile/name", "Alice"], ["profile/empty", ""]);
		equal(text(await store.get("profile/name")), "Alice", "a value");
		equal(text(await store.get("profile/empty")), "", "an empty value");
		equal(text(await store.get("profile/other")), undefined, "no value");
		equal(text(await store.get("profile")), undefined, "a prefix is no key");
	}),
	within("a later write replaces, undefined deletes, deleting what is not there does nothing", async (store) => {
		await put(store, ["a", "1"], ["b", "2"], ["c", "3"]);
		await put(store, ["a", "one"], ["b", undefined], ["nothing", undefined]);
		equal(text(await store.get("a")), "one", "a replaced value");
		equal(await keysOf(store, "a", "z"), ["a", "c"], "the keys that are left");
	}),
	within("values of all bytes and of a megabyte come back as they were", async (store) => {
		const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
		const large = new Uint8Array(1024 * 1024).fill(0xa5);
		await store.write(
			new Map([
				["all", all],
				["large", large],
			]),
		);
		equal([...((await store.get("all")) ?? [])], [...all], "all bytes");
		const found = await store.get("large");
		equal(found?.length, large.length, "the length of a large value");
		equal(
			found?.every((byte) => byte === 0xa5),
			true,
			"a large value",
		);
	}),
	within("values are copies: neither the writer's nor the reader's array is the store's", async (store) => {
		const mine = value("before");
		const written = store.write(new Map([["k", mine]]));
		await written;
		mine.fill(0);
		const read = await store.get("k");
		equal(text(read), "before", "after the writer changed its array");
		read?.fill(0);
		equal(text(await store.get("k")), "before", "after a reader changed its array");
	}),
	within("a view into a larger buffer is stored without the rest", async (store) => {
		const buffer = value("..inner..");
		await store.write(new Map([["view", buffer.subarray(2, 7)]]));
		const found = await store.get("view");
		equal(text(found), "inner", "the view");
		equal(found?.length, 5, "its length");
	}),
	within("ranges are in the order of keys, from is in, to is not", async (store) => {
		const keys = ["m/1", "m/10", "m/2", "m/002", "m/010", "m", "m/", "m0", "l/9", "M/1", "m/~"];
		await put(store, ...keys.map((key) => [key, key] as const));
		equal(
			await keysOf(store, "m/", "m0"),
			["m/", "m/002", "m/010", "m/1", "m/10", "m/2", "m/~"],
			"everything under m/",
		);
		equal(await keysOf(store, "m/002", "m/1"), ["m/002", "m/010"], "the bounds");
		equal(await keysOf(store, "m/1", "m/1"), [], "an empty range");
		equal(await keysOf(store, "m/2", "m/1"), [], "a range that ends before it begins");
		const values = (await store.range("m/", "m0")).map(([key, bytes]) => text(bytes) === key);
		equal(values.every(Boolean), true, "each value beside its key");
	}),
	within("a prefix ends before its successor", async (store) => {
		await put(store, ["chat/a/1", "x"], ["chat/a/2", "x"], ["chat/b/1", "x"], ["chat/a", "x"], ["chat/a0", "x"]);
		equal(await keysOf(store, "chat/a/", prefixEnd("chat/a/")), ["chat/a/1", "chat/a/2"], "one chat's rows");
	}),
	within("reverse and limit take from the end that is asked for", async (store) => {
		await put(store, ...Array.from({ length: 50 }, (_, n) => [`n/${String(n).padStart(3, "0")}`, "x"] as const));
		equal(await keysOf(store, "n/", "n0", { limit: 3 }), ["n/000", "n/001", "n/002"], "the first three");
		equal(await keysOf(store, "n/", "n0", { limit: 3, reverse: true }), ["n/049", "n/048", "n/047"], "the last three");
		equal(await keysOf(store, "n/", "n/003", { reverse: true }), ["n/002", "n/001", "n/000"], "reverse bounds");
		equal(await keysOf(store, "n/", "n0", { limit: 0 }), [], "none");
		equal(await keysOf(store, "n/", "n0", { limit: 0, reverse: true }), [], "none in reverse");
		equal((await keysOf(store, "n/", "n0", { limit: 500 })).length, 50, "a limit beyond the end");
		equal((await keysOf(store, "n/", "n0", { reverse: true })).length, 50, "all in reverse");
	}),
	within("an empty batch is one", async (store) => {
		await store.write(new Map());
		equal(await keysOf(store, " ", "~"), [], "nothing there");
	}),
	within("a batch with a bad key is refused as a whole", async (store) => {
		for (const bad of ["", "caf\u00e9", "line\nbreak", "\u0000"]) {
			await rejects(
				() => put(store, ["good", "x"], [bad, "x"]),
				(error) => error instanceof RangeError,
				"a key that is not printable ASCII",
			);
		}
		equal(text(await store.get("good")), undefined, "nothing of the batch");
	}),
	within("batches that are written at once are applied one after the other", async (store) => {
		await Promise.all(
			Array.from({ length: 20 }, (_, n) => put(store, ["first", String(n)], ["second", String(n)], [`own/${n}`, "x"])),
		);
		equal(text(await store.get("first")), text(await store.get("second")), "both values of one batch");
		equal((await keysOf(store, "own/", "own0")).length, 20, "every batch");
	}),
	{
		name: "what was written is there after closing and opening again",
		async run(place) {
			const before = await place.open();
			await put(before, ["kept", "yes"], ["deleted", "yes"]);
			await put(before, ["deleted", undefined]);
			await before[Symbol.asyncDispose]();
			const after = await place.open();
			equal(text(await after.get("kept")), "yes", "a kept value");
			equal(await keysOf(after, " ", "~"), ["kept"], "all keys");
			await after[Symbol.asyncDispose]();
		},
	},
	{
		name: "a closed store refuses, and closing it again does nothing",
		async run(place) {
			const store = await place.open();
			await store[Symbol.asyncDispose]();
			await store[Symbol.asyncDispose]();
			const closed = (error: unknown) => error instanceof LocalStoreError && error.code === "Closed";
			await rejects(() => store.get("a"), closed, "get");
			await rejects(() => store.range("a", "b"), closed, "range");
			await rejects(() => put(store, ["a", "x"]), closed, "write");
		},
	},
];
