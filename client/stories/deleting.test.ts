/** Alice deletes her account: what she shared is taken back after she is gone, and nothing of her stays on her device. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConversationId, isRefusal } from "@troth/protocol";
import { type Person, until } from "./_people.ts";
import { startSharingWorld } from "./_sharing.ts";

const ALICE = "+15550106301";
const NOTICE = { control: "buttons", initiallyOn: false, place: "notice" } as const;

const textsOf = async ({ device }: Person, chat: ConversationId) =>
	(await device.messages(chat, { limit: 20 })).flatMap(({ body }) => (body.kind === "text" ? [body.text] : []));

test("what alice shared is recalled and acknowledged at both recipients after her account is gone", async () => {
	await using town = await startSharingWorld({ members: [ALICE] });
	const alice = await town.world.person("Alice", { phone: ALICE });
	const bob = await town.world.person("Bob");
	const chat = await alice.device.openDirect(bob.account);
	await alice.device.send(chat, "hello bob");
	await until("bob has it", async () => (await textsOf(bob, chat)).includes("hello bob"));
	await town.publish("opt-in");
	await alice.device.acceptTerms(2);
	await alice.device.decide([{ purpose: "friend_suggestions", granted: true }], NOTICE);
	await until("both have the number", async () => {
		await town.door.tick();
		return town.family.kept.size + town.photos.kept.size === 2;
	});

	await alice.device.deleteAccount();
	assert.equal([...alice.data.keys()].filter((key) => !key.startsWith("!")).length, 0, "nothing is left here");
	await until("both have given it up", async () => {
		await town.door.tick();
		return [town.family, town.photos].every(
			({ kept, taken }) => kept.size === 0 && taken.at(-1)?.outcome === "recalled",
		);
	});

	await assert.rejects(alice.open(), (error) => isRefusal(error, "NOT_FOUND"));
	await assert.rejects(bob.device.find(ALICE), (error) => isRefusal(error, "NOT_FOUND"));
	assert.ok((await textsOf(bob, chat)).includes("hello bob"), "what was said to bob is bob's");
	const again = await town.world.person("Alice", { phone: ALICE });
	assert.ok((await again.device.sharing()).choices.every(({ state }) => state === "unset"));
	const { shares, holes } = await again.device.shares();
	assert.deepEqual([shares, holes], [[], []]);
});
