import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { type StoreKind, sealedMessage, TestWorld } from "./_world.ts";

for (const store of ["memory", "sqlite"] satisfies StoreKind[]) {
	test(`alice writes to bob and both get the same entry (${store})`, async () => {
		await using world = await TestWorld.open({ store });
		const [alice, bob] = [await world.person("alice"), await world.person("bob")];
		const chat = await world.conversation("direct", alice, bob);
		const [alicePhone, bobPhone] = [await world.attach(alice), await world.attach(bob)];
		const payload = sealedMessage(chat, 1);
		alicePhone.send(chat, 1, payload);
		const ok = await alicePhone.next("sendOk");
		assert.equal(toHex(ok.log), chat);
		assert.deepEqual([ok.clientSeq, ok.seq], [1, 1]);
		const [atBob] = await bobPhone.entriesOf(chat, 1);
		const [atAlice] = await alicePhone.entriesOf(chat, 1);
		assert.deepEqual(atBob, atAlice);
		assert.equal(toHex(atBob?.senderDevice ?? new Uint8Array()), alice.phone.device);
		assert.deepEqual(atBob?.payload, payload);
		assert.equal(atBob?.timeMs, ok.timeMs);
		const progress = await alicePhone.next("progress");
		assert.equal(toHex(progress.accountId), bob.account);
		assert.equal(progress.ackedSeq, 1);
	});
}
