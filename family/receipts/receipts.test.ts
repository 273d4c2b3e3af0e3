/** The company's own log: what anybody can read of it, and what not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { openCheckpoint } from "@troth/transparency";
import { newTrother } from "../_bridge.ts";
import { startTestFamily } from "../_fixture.ts";

test("every answer is in the public log, among padding, and refusals are not", async () => {
	await using family = await startTestFamily({ stores: "sqlite" });
	const { bridge } = family;
	const read = async (path: string) => {
		const response = await fetch(`${family.url}/receipts/${path}`);
		return { status: response.status, text: await response.text() };
	};
	const size = async () => {
		const trust = { log: family.receiptsVkey, witnesses: [], quorum: 0 };
		return openCheckpoint((await read("checkpoint")).text, trust).size;
	};
	/** An answer is signed when it is given; a moment later everybody can read it. */
	const published = async (least: number) => {
		for (;;) {
			const now = await size();
			if (now >= least) return now;
		}
	};
	const trother = newTrother();
	const share = (changes = {}) =>
		bridge.share(trother, { purpose: "friend_suggestions", values: { phone_number: "+15550100003" }, ...changes });
	assert.equal(await size(), 0, "a new log is published empty");
	assert.deepEqual(await bridge.deliver([await share({ grant: { recipient: "photos" } })]), ["refused: GRANT"]);
	assert.equal(await size(), 0);
	await bridge.deliver([await share()]);
	assert.equal(await published(16), 16);
	await bridge.deliver([await share(), await bridge.recall(trother, "friend_suggestions")]);
	assert.equal(await published(32), 32);
	assert.equal((await read("tile/0/000.p/32")).status, 200);
	assert.equal((await read("tile/0/000.p/33")).status, 404);
	// Requests at the same time share a checkpoint or follow one another; each gets a proof that verifies.
	const items = await Promise.all(Array.from({ length: 5 }, () => share()));
	const answers = await Promise.all(items.map((item) => bridge.deliver([item])));
	assert.deepEqual(answers.flat(), Array(5).fill("stale"));
	for (const path of ["signed", "tile/0/001", "..%2frecords.sqlite", "..%2f..%2freceipts%2fcheckpoint"])
		assert.equal((await read(path)).status, 404, path);
	const before = await published(48);
	await family.restart();
	assert.deepEqual(await bridge.deliver([await share()]), ["stale"]);
	assert.ok((await published(before + 16)) % 16 === 0);
});
