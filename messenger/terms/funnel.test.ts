/** The funnel of a version is what people did, whatever they did in whatever order, and it names nobody. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountDeletionSchema, AccountService, idBytes, LABELS } from "@troth/protocol";
import { startTestMessenger } from "../_fixture.ts";
import { signStatement } from "../_identities.ts";
import type { RolloutOverview } from "../operator/rollout.ts";
import { DAY_MS, type Decider, fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";

test("queued, displayed, accepted, refused, suspended: counted as it happens, and who leaves is counted no more", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings: { operatorToken: OPERATOR } });
	const { url, clock } = messenger;
	const funnel = async (version: number) => {
		const response = await fetch(`${url}/operator/rollout`, { headers: { authorization: `Bearer ${OPERATOR}` } });
		const text = await response.text();
		for (const person of people) assert.ok(!text.includes(person.account), "counts only");
		const { versions } = JSON.parse(text) as RolloutOverview;
		const found = versions.find((one) => one.version === version);
		assert.ok(found !== undefined);
		return found;
	};
	const people: Decider[] = [];
	for (let n = 1; n <= 5; n++) people.push(await newDecider(messenger, `+1555010000${n}`));
	const [alice, bob, carla, dave] = people as [Decider, Decider, Decider, Decider];
	assert.equal((await funnel(1)).queued, undefined, "nobody had to be told of the first version");
	await publish(messenger, await fileOf("opt-in"));
	for (const person of [alice, bob, carla, dave]) await person.showNotice();
	await alice.showNotice();
	await alice.accept();
	await bob.accept();
	await alice.decide({ friend_suggestions: true, relevant_ads: false });
	await bob.decide({ friend_suggestions: true });
	await bob.decide({ friend_suggestions: false });
	while ((await funnel(2)).queued?.endedAtMs === undefined) await new Promise((resolve) => setImmediate(resolve));
	const { queued, tookAway, purposes, ...counts } = await funnel(2);
	assert.deepEqual({ ...tookAway, endedAtMs: 0 }, { accounts: 0, yeses: 0, recalls: 0, endedAtMs: 0 });
	assert.deepEqual([queued?.accounts, queued?.devices], [5, 5]);
	assert.deepEqual(counts, {
		...{ version: 2, accounts: 5, displayed: 4, accepted: 2, suspended: 0, onOlder: 3, reminded: [] },
	});
	const answers = new Map(purposes.map(({ purpose, ...rest }) => [purpose, Object.values(rest)]));
	assert.deepEqual(answers.get("friend_suggestions"), [1, 0, 1], "granted, refused, withdrawn");
	assert.deepEqual(answers.get("relevant_ads"), [0, 1, 0]);

	clock.sleep(30 * DAY_MS);
	assert.equal((await funnel(2)).suspended, 2, "carla and dave; the fifth was never shown it");
	await carla.login();
	await carla.accept();
	await alice.login();
	await messenger.client(AccountService, alice.token).deleteAccount({
		deletion: signStatement(alice.device.signer, LABELS.accountDeletion, AccountDeletionSchema, {
			accountId: idBytes(alice.account),
			deviceId: idBytes(alice.device.device),
			requestedAtMs: BigInt(clock.now()),
		}),
	});
	const after = await funnel(2);
	assert.deepEqual([after.accounts, after.displayed, after.accepted, after.suspended, after.onOlder], [4, 3, 2, 1, 2]);
	assert.deepEqual(
		after.purposes.map(({ granted, refused, withdrawn }) => granted + refused + withdrawn).reduce((a, b) => a + b),
		1,
	);
});
