import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadThrough } from "./read-through.ts";

test("what was loaded is kept, and loaded once for all who ask at the same time", async () => {
	let loads = 0;
	const cache = new ReadThrough<string, number>(10, async () => ++loads);
	assert.deepEqual(await Promise.all([cache.get("alice"), cache.get("alice")]), [1, 1]);
	assert.equal(await cache.get("alice"), 1);
	cache.forget("alice");
	assert.equal(await cache.get("alice"), 2);
});

test("a value that changes while it is being loaded is not kept", async () => {
	const first = Promise.withResolvers<string>();
	let load = () => first.promise;
	const cache = new ReadThrough<string, string>(10, () => load());
	const early = cache.get("alice's phone");
	load = async () => "removed";
	cache.forget("alice's phone");
	first.resolve("listed");
	assert.equal(await early, "listed");
	assert.equal(await cache.get("alice's phone"), "removed");
});

test("a failed load is tried again", async () => {
	let load = async (): Promise<string> => Promise.reject(new Error("the store is busy"));
	const cache = new ReadThrough<string, string>(10, () => load());
	await assert.rejects(cache.get("alice"));
	load = async () => "here";
	assert.equal(await cache.get("alice"), "here");
});

test("who asks for what does not exist takes no memory; who has not been seen longest goes first", async () => {
	const loads: string[] = [];
	const cache = new ReadThrough<string, string>(2, async (key) => {
		loads.push(key);
		return key === "mallory" ? undefined : key;
	});
	for (const key of ["alice", "bob", "mallory", "alice", "carla", "alice", "bob", "mallory"]) await cache.get(key);
	assert.deepEqual(loads, ["alice", "bob", "mallory", "carla", "bob", "mallory"]);
});
