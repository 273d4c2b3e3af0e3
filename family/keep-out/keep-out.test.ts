/** Dave has no account and wants to be in nobody's address book here (D1). */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { CallRefused, startTestFamily } from "../_fixture.ts";

const DAVE = "+15550100004";

test("a number that is kept out leaves every address book and enters none", async () => {
	await using family = await startTestFamily({ stores: "sqlite" });
	const alice = await family.signUp("Alice");
	const numbers = async () => (await alice.call<{ numbers: number } | null>("/api/address-book"))?.numbers ?? 0;
	await alice.upload(DAVE, "+15550100005");
	assert.equal(await numbers(), 2);
	const { claim } = await family.call<{ claim: string }>("/api/keep-out", { phone: DAVE });
	await assert.rejects(
		family.call("/api/keep-out/verify", { claim, code: "wrong" }),
		(error) => error instanceof CallRefused && error.code === "CODE_WRONG",
	);
	assert.equal(await numbers(), 2);
	await family.call("/api/keep-out/verify", { claim, code: family.codes.get(DAVE) });
	assert.equal(await numbers(), 1);
	// Alice is not told that a number of hers is kept out: the answer counts what was read.
	const answer = await alice.call<{ numbers: number }>("/api/address-book", { text: `${DAVE}\n+15550100005` });
	assert.deepEqual([answer.numbers, await numbers()], [2, 1]);
	// Books come in pieces; it is left out of the last one as well.
	const many = Array.from({ length: 1100 }, (_, at) => `+1555011${String(at).padStart(4, "0")}`);
	await alice.upload(...many, DAVE);
	assert.equal(await numbers(), many.length);
	for (const name of await readdir(family.directory ?? "")) {
		if (!name.startsWith("records")) continue;
		const bytes = await readFile(join(family.directory ?? "", name));
		assert.ok(!bytes.includes(DAVE) && !bytes.includes(DAVE.slice(1)), name);
	}
});
