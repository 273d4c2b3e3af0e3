/** The story of the whole: a number that Troth shares makes a suggestion, and taken back leaves nothing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "./_bridge.ts";
import { startTestFamily } from "./_fixture.ts";

const BOB = "+15550100002";
const CARLA = "+15550100003";

for (const stores of ["memory", "sqlite"] as const) {
	test(`carla's yes shows her to bob, her no takes it back (${stores})`, async () => {
		await using family = await startTestFamily({ stores });
		const { bridge } = family;
		const bob = await family.signUp("Bob");
		const carla = await family.signUp("Carla");
		await bob.verify(BOB);
		await bob.choose(true);
		await bob.upload(CARLA);
		await carla.upload(BOB);
		assert.deepEqual([...(await bob.suggestions()).keys()], []);

		const trother = newTrother();
		const share = () => bridge.share(trother, { purpose: "friend_suggestions", values: { phone_number: CARLA } });
		assert.deepEqual(await bridge.deliver([await share()]), ["dropped"]);

		const nonce = await carla.connect();
		const device = { device_type: "desktop", os: "linux", app_version: "0.1.0" };
		const link = await bridge.share(trother, {
			purpose: "account_linking",
			values: { link_assertion: nonce, ...device },
		});
		assert.deepEqual(await bridge.deliver([link, await share()]), ["kept", "kept"]);

		assert.match((await bob.suggestions()).get("Carla") ?? "", /each other's number in your address books/);
		assert.match((await carla.suggestions()).get("Bob") ?? "", /you let Troth share your number with Family/);
		assert.deepEqual(await family.knows(CARLA), {
			known: true,
			items: [
				{
					recipient: "family",
					field: "phone_number",
					value: CARLA,
					purpose: "friend_suggestions",
					source: "share",
				},
			],
		});

		assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions")]), ["recalled"]);
		assert.deepEqual([...(await bob.suggestions()).keys()], []);
		assert.deepEqual([...(await carla.suggestions()).keys()], []);
		assert.deepEqual(await family.knows(CARLA), { known: false, items: [] });
		assert.deepEqual(await bridge.deliver([await share()]), ["stale"]);
	});
}
