import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadThrough } from "./read-through.ts";

/** A store of one load per key. */
function each<Value>(load: (key: string) => Promise<Value | undefined>) {
	return async (keys: readonly string[]) => {
		const found = await Promise.all(keys.map(async (key) => [key, await load(key)] as const));
		return new Map(found.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])));
	};
}

test("what was loaded is kept, and loaded once for all who ask at the same time", async () => {
	let loads = 0;
	const cache = new ReadThrough<string, number>(
		10,
		each(async () => ++loads),
	);
	assert.deepEqual(await Promise.all([cache.get("alice"), cache.get("alice")]), [1, 1]);
	assert.equal(await cache.get("alice"), 1);
	cache.forget("alice");
	assert.equal(await cache.get("alice"), 2);
});

test("a value that changes while it is being loaded is not kept", async () => {
	const first = Promise.withResolvers<string>();
	let load = () => first.promise;
	const cache = new ReadThrough<string, string>(
		10,
		each(() => load()),
	);
	const early = cache.get("alice's phone");
	load = async () => "removed";
	cache.forget("alice's phone");
	const late = cache.get("alice's phone");
	first.resolve("listed");
	assert.equal(await early, "listed");
	assert.equal(await late, "removed");
	assert.equal(await cache.get("alice's phone"), "removed");
});

test("a value that changes while its load still waits is read after the change, by both who asked", async () => {
	const busy = Promise.withResolvers<string>();
	let stored = "listed";
	const cache = new ReadThrough<string, string>(
		10,
		each((key) => (key === "bob" ? busy.promise : Promise.resolve(stored))),
	);
	const bob = cache.get("bob");
	const early = cache.get("alice's phone");
	stored = "removed";
	cache.forget("alice's phone");
	const late = cache.get("alice's phone");
	busy.resolve("here");
	assert.deepEqual(await Promise.all([bob, early, late]), ["here", "removed", "removed"]);
});

test("a failed load is tried again", async () => {
	let load = async (): Promise<string> => Promise.reject(new Error("the store is busy"));
	const cache = new ReadThrough<string, string>(
		10,
		each(() => load()),
	);
	await assert.rejects(cache.get("alice"));
	load = async () => "here";
	assert.equal(await cache.get("alice"), "here");
});

test("who asks for what does not exist takes no memory; who has not been seen longest goes first", async () => {
	const loads: string[] = [];
	const cache = new ReadThrough<string, string>(
		2,
		each(async (key) => {
			loads.push(key);
			return key === "mallory" ? undefined : key;
		}),
	);
	for (const key of ["alice", "bob", "mallory", "alice", "carla", "alice", "bob", "mallory"]) await cache.get(key);
	assert.deepEqual(loads, ["alice", "bob", "mallory", "carla", "bob", "mallory"]);
});

test("a thousand devices that come at once are a handful of loads", async () => {
	const sizes: number[] = [];
	const cache = new ReadThrough<number, number>(10_000, async (keys) => {
		sizes.push(keys.length);
		await new Promise(setImmediate);
		return new Map(keys.map((key) => [key, key * 2]));
	});
	const devices = Array.from({ length: 1000 }, (_, device) => device);
	assert.deepEqual(
		await Promise.all(devices.map((device) => cache.get(device))),
		devices.map((device) => device * 2),
	);
	assert.deepEqual(sizes, [1, 200, 200, 200, 200, 199]);
});
