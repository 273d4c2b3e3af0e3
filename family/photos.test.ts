/** The second company: the same code, another recipient, no ads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "./_bridge.ts";
import { startTestFamily } from "./_fixture.ts";

const CARLA = "+15550100003";

test("photos takes what is meant for photos, shows no ads, and has a session and a look of its own", async () => {
	await using photos = await startTestFamily({ id: "photos", title: "Photos" });
	const { bridge } = photos;
	const carla = await photos.signUp("Carla");
	await carla.verify(CARLA);
	assert.deepEqual(await carla.choose(true, true), { friendSuggestions: true, relevantAds: false });
	const trother = newTrother();
	const values = { phone_number: CARLA };
	const outcomes = await bridge.deliver([
		await bridge.share(trother, { purpose: "friend_suggestions", values }),
		await bridge.share(trother, { purpose: "friend_suggestions", values, record: { recipient: "family" } }),
		await bridge.share(trother, { purpose: "relevant_ads", values }),
	]);
	assert.deepEqual(outcomes, ["kept", "refused: RECIPIENT", "refused: PURPOSE"]);
	assert.deepEqual(
		(await photos.knows(CARLA)).items
			.map(({ recipient, purpose, source }) => `${recipient} ${purpose} ${source}`)
			.sort(),
		["photos account self", "photos friend_suggestions self", "photos friend_suggestions share"],
	);
	const page = await carla.page("/phone");
	assert.match(page, /<html lang="en" data-company="photos">/);
	assert.doesNotMatch(page, /\bads\b/);
	assert.equal(photos.graphUrl, undefined);
});
