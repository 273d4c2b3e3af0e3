/** What becomes of a yes and of a no, from the records of the messenger to the files of a recipient. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ItemOutcome, ShareState } from "@troth/protocol";
import { openShareProof } from "@troth/transparency";
import { startWorld } from "./_door.ts";

const ALICE = "+15550100001";

test("alice says yes: her number arrives with a proof that verifies, and she is told what became of it", async () => {
	await using world = await startWorld({ members: [ALICE] });
	const alice = await world.records.register(ALICE);
	await alice.allow("relevant_ads");
	await world.tick();
	assert.deepEqual(
		world.family.taken.map(({ kind, outcome, values }) => ({ kind, outcome, values })),
		[{ kind: "share", outcome: "kept", values: { phone_number: ALICE } }],
	);
	assert.equal(world.photos.taken.length, 0);
	const [share] = await world.sharesOf(alice);
	assert.ok(share?.share !== undefined && share.receipt?.receipt !== undefined);
	assert.deepEqual([share.n, share.state, share.receipt.outcome], [1, ShareState.ANSWERED, ItemOutcome.KEPT]);
	const opened = openShareProof(share.share, world.trust);
	assert.deepEqual(opened.record.fields, ["phone_number"]);
});
