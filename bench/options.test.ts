import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions, UsageError } from "./options.ts";

const PEERS = ["ejabberd", "aedes"];

test("without options everything that is installed is measured", () => {
	assert.deepEqual(readOptions([], PEERS), {
		workloads: ["w1", "w2", "w2kill", "w3", "w4"],
		peers: "installed",
		seconds: 3,
		json: undefined,
		check: false,
	});
});

test("workloads run in their own order, peers can be chosen or left out", () => {
	const { workloads, peers } = readOptions(["--only", "w4,w1", "--peers", "aedes", "--seconds", "10"], PEERS);
	assert.deepEqual([workloads, peers], [["w1", "w4"], ["aedes"]]);
	assert.deepEqual(readOptions(["--peers", "none"], PEERS).peers, []);
});

for (const args of [
	["--only", "w9"],
	["--peers", "whatsapp"],
	["--seconds", "0"],
	["--seconds", "soon"],
	["--fast"],
	["w1"],
]) {
	test(`${args.join(" ")} is refused with a reason`, () => {
		assert.throws(() => readOptions(args, PEERS), UsageError);
	});
}
