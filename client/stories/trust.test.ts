/** Keys one can trust: what is compared, what is asked, and the ways out of a changed key and a forked history. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { EntryKind, type Frame, isRefusal, LookUpNumberResponseSchema, toHex } from "@troth/protocol";
import { signDeviceList } from "../identity/device-list.ts";
import { Middleman } from "./_lying.ts";
import { startWorld, until } from "./_people.ts";

const kinds = (rows: readonly { readonly body: { readonly kind: string } }[]) => rows.map(({ body }) => body.kind);

test("alice scans bob's code: it is his and for her, and nobody else's", async () => {
	await using world = await startWorld();
	const [alice, bob, carla] = [await world.person("Alice"), await world.person("Bob"), await world.person("Carla")];
	await alice.device.find(bob.phone);
	await bob.device.find(alice.phone);
	await carla.device.find(alice.phone);
	const { code, digits } = await bob.device.safetyNumber(alice.account);
	assert.ok(code.startsWith(`${world.url}/#/verify/`), "an address that a phone's camera opens");
	assert.deepEqual(await alice.device.compareSafetyCode(code), { account: bob.account, outcome: "same" });
	const alone = code.slice(code.lastIndexOf("/") + 1);
	assert.equal((await alice.device.compareSafetyCode(alone, bob.account)).outcome, "same");
	assert.equal((await alice.device.compareSafetyCode(digits.join(" "), bob.account)).outcome, "same");
	assert.equal((await alice.device.compareSafetyCode(digits.toReversed().join(" "), bob.account)).outcome, "differs");
	const carlas = await carla.device.safetyNumber(alice.account);
	assert.equal((await alice.device.compareSafetyCode(carlas.code, bob.account)).outcome, "for-another");
	assert.equal((await carla.device.compareSafetyCode(code)).outcome, "for-another");
	for (const odd of ["", "hello", code.slice(0, -1), `${alone}A`, "1".repeat(59)])
		assert.equal((await alice.device.compareSafetyCode(odd, bob.account)).outcome, "unreadable", odd);
	const flipped = alone[100] === "A" ? "B" : "A";
	const changed = `${alone.slice(0, 100)}${flipped}${alone.slice(101)}`;
	assert.equal((await alice.device.compareSafetyCode(changed)).outcome, "differs");
});

test("the key of bob, whom alice verified, changes: she is asked before she writes, and the new one is taken only by her", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	await until("bob is in", () => bob.device.conversation(chat));
	await alice.device.confirmSafetyNumber(bob.account, true);
	const { engine } = alice.ports();
	const [identity, device] = [await engine.generateSigningKeys(), await engine.generateSigningKeys()];
	const forged = await signDeviceList(engine, identity, {
		account: bob.account,
		version: 2,
		issuedAtMs: world.clock.now(),
		devices: [{ device: bob.self?.device ?? assert.fail(), signatureKey: toHex(device.publicKey), addedAtMs: 0 }],
	});
	man.lie("LookUpNumber", LookUpNumberResponseSchema, (answer) => {
		answer.deviceList = forged;
	});
	await alice.device.find(bob.phone);

	const view = await alice.device.conversation(chat);
	assert.deepEqual(
		view?.changed.map(({ person, what, asks, seen }) => ({ account: person.account, what, asks, seen })),
		[{ account: bob.account, what: "key", asks: true, seen: false }],
	);
	assert.equal(view?.members.find(({ account }) => account === bob.account)?.verified, false);
	const safety = await alice.device.safetyNumber(bob.account);
	assert.equal(safety.verified, false);
	assert.ok(safety.offeredDigits !== undefined && safety.offeredDigits.join() !== safety.digits.join());
	await assert.rejects(alice.device.send(chat, "Are you there?"), (error) => isRefusal(error, "KEYS_CHANGED"));
	// Bob's own code shows which of the two is his: the pinned one.
	const { code } = await bob.device.safetyNumber(alice.account);
	assert.equal((await alice.device.compareSafetyCode(code)).outcome, "same");
	await alice.close();
	await alice.comeBack();
	await assert.rejects(alice.device.send(chat, "Are you there?"), (error) => isRefusal(error, "KEYS_CHANGED"));

	await alice.device.acknowledgeKeyChange(bob.account);
	await alice.say(chat, "Are you there?");
	await until("bob has it", async () => (await bob.texts(chat)).includes("Alice: Are you there?"));
	assert.deepEqual((await alice.device.conversation(chat))?.changed[0]?.seen, true);
	await alice.device.confirmSafetyNumber(bob.account, true);
	assert.deepEqual((await alice.device.conversation(chat))?.changed, [], "the pinned key was his after all");
});

test("alice saw a wrong key from the first day; when the right one comes she takes it, and the chat goes on", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "before");
	await until("bob is in", async () => (await bob.texts(chat)).length === 1);
	await alice.close();
	// What she pinned was not his, whoever gave it to her.
	const key = `account/${bob.account}`;
	const record = JSON.parse(new TextDecoder().decode(alice.data.get(key)));
	alice.data.set(key, new TextEncoder().encode(JSON.stringify({ ...record, identityKey: "ab".repeat(32) })));
	await alice.comeBack();
	await alice.device.find(bob.phone);
	assert.equal((await alice.device.conversation(chat))?.changed[0]?.what, "key");
	const { code } = await bob.device.safetyNumber(alice.account);
	assert.deepEqual(await alice.device.compareSafetyCode(code), { account: bob.account, outcome: "offered" });

	const anew = await alice.device.acceptKeyChange(bob.account);
	assert.ok(anew !== undefined && anew !== chat);
	assert.equal((await alice.device.compareSafetyCode(code)).outcome, "same");
	assert.deepEqual((await alice.device.conversation(anew))?.changed, []);
	await alice.say(anew, "after");
	await until("bob reads on", async () => (await bob.texts(anew)).includes("Alice: after"));
	for (const person of [alice, bob]) {
		assert.deepEqual(
			(await person.device.conversations()).map(({ id }) => id),
			[anew],
			person.name,
		);
		assert.deepEqual(await person.texts(anew), ["Alice: before", "Alice: after"], person.name);
	}
});

test("bob registers anew: alice accepts, and the chat with him goes on where it was", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "before");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	await alice.device.confirmSafetyNumber(bob.account, true);
	const again = await world.person("Bob", { phone: bob.phone });
	await alice.device.find(bob.phone);
	const [change] = (await alice.device.conversation(chat))?.changed ?? [];
	assert.deepEqual([change?.what, change?.asks, change?.successor?.account], ["number", true, again.account]);
	await assert.rejects(alice.device.send(chat, "to whom?"), (error) => isRefusal(error, "KEYS_CHANGED"));

	// Also in a chat with the new account, which is found under the same number.
	const beside = await alice.device.openDirect(again.account);
	await assert.rejects(alice.device.send(beside, "to whom?"), (error) => isRefusal(error, "KEYS_CHANGED"));
	assert.equal((await alice.device.conversation(beside))?.changed[0]?.person.account, bob.account);

	const anew = await alice.device.acceptKeyChange(bob.account);
	assert.ok(anew === beside);
	await alice.say(anew, "Is that you?");
	await until("the new device reads it", async () => (await again.texts(anew)).length === 1);
	assert.deepEqual(await alice.texts(anew), ["Alice: before", "Alice: Is that you?"]);
	assert.deepEqual(
		(await alice.device.conversations()).map(({ id }) => id),
		[anew],
	);
	assert.equal((await alice.device.conversation(chat))?.continuedBy, anew);
	assert.equal((await alice.device.safetyNumber(again.account)).verified, false);
});

test("a forked group is begun anew by a member: everybody goes on with the history they have", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla", { ports: man.between });
	const group = await alice.device.createGroup("Walks", [
		(await alice.device.find(bob.phone)).account,
		(await alice.device.find(carla.phone)).account,
	]);
	for (const person of [bob, carla])
		await until(`${person.name} is in`, async () => (await person.device.conversation(group))?.title === "Walks");
	await alice.say(group, "first");
	for (const person of [bob, carla])
		await until(`${person.name} has it`, async () => (await person.texts(group)).length === 1);
	// The server keeps one of bob's messages back from carla, and moves everything after it forward.
	let withheld = 0;
	man.incoming = (frame: Frame) => {
		if (frame.body.case !== "entry" || frame.body.value.kind !== EntryKind.MESSAGE) return [frame];
		if (toHex(frame.body.value.log) !== group) return [frame];
		if (withheld++ === 0) return [];
		frame.body.value.seq--;
		return [frame];
	};
	await Promise.all([bob.device.send(group, "kept back"), bob.device.send(group, "shown")]);
	await until("carla knows", async () => (await carla.device.conversation(group))?.forked);

	const anew = await carla.device.restartConversation(group);
	await carla.say(anew, "Let us begin again");
	for (const person of [alice, bob]) {
		await until(`${person.name} goes on`, async () => (await person.texts(anew)).includes("Carla: Let us begin again"));
		await until(`${person.name} has one chat`, async () => (await person.device.conversations()).length === 1);
	}
	for (const person of [alice, bob, carla]) {
		const view = await person.device.conversation(anew);
		assert.deepEqual([view?.title, view?.forked, view?.members.length], ["Walks", false, 3], person.name);
		assert.equal((await person.texts(anew))[0], "Alice: first", person.name);
		assert.ok(kinds(await person.rows(anew)).includes("restarted"), person.name);
		await until(`${person.name} knows the roles`, async () => {
			const { members = [] } = (await person.device.conversation(anew)) ?? {};
			return members.filter(({ role }) => role === "admin").every(({ account }) => account === alice.account);
		});
	}
	assert.ok((await alice.texts(anew)).includes("Bob: kept back"));
	await alice.say(anew, "Good");
	await until("carla reads on", async () => (await carla.texts(anew)).includes("Alice: Good"));
	await assert.rejects(bob.device.send(group, "still there?"), (error) => isRefusal(error, "NOT_A_MEMBER"));
	assert.equal(await bob.device.restartConversation(group), anew, "it was begun anew already");
	// Page by page the history is the same, and in order.
	const pages = [];
	for (let beforeKey: string | undefined; ; ) {
		const page = await alice.device.messages(anew, { limit: 2, ...(beforeKey !== undefined && { beforeKey }) });
		if (page.length === 0) break;
		pages.unshift(...page);
		beforeKey = page[0]?.key;
	}
	assert.deepEqual(pages, await alice.rows(anew));
	assert.deepEqual(
		pages.map(({ key }) => key),
		pages.map(({ key }) => key).toSorted(),
	);
});

test("two members begin a group anew at once and get one", async () => {
	await using world = await startWorld();
	const [alice, bob] = [await world.person("Alice"), await world.person("Bob")];
	const group = await alice.device.createGroup("Walks", [(await alice.device.find(bob.phone)).account]);
	await until("bob is in", async () => (await bob.device.conversation(group))?.title === "Walks");
	const made = await Promise.all([alice.device.restartConversation(group), bob.device.restartConversation(group)]);
	assert.equal(made[0], made[1]);
	await alice.say(made[0], "one");
	await until("bob has it", async () => (await bob.texts(made[0])).includes("Alice: one"));
	for (const person of [alice, bob])
		await until(`${person.name} has one chat`, async () => (await person.device.conversations()).length === 1);
});

test("mallory can not make her chat look like the continuation of another one", async () => {
	await using world = await startWorld();
	const [alice, bob, mallory] = [await world.person("Alice"), await world.person("Bob"), await world.person("Mallory")];
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Between us");
	const hers = await mallory.device.openDirect((await mallory.device.find(alice.phone)).account);
	await mallory.say(hers, "Hello");
	await until("alice has it", async () => (await alice.texts(hers)).length === 1);
	await mallory.close();
	// Her program says what the app never would; she knows the id from the server.
	const key = "000000000099";
	const row = { key, id: "ab".repeat(16), body: { kind: "continuation", replaces: chat }, sentAtMs: world.clock.now() };
	mallory.data.set(`outbox/${hers}/${key}`, new TextEncoder().encode(JSON.stringify(row)));
	await mallory.comeBack();
	await mallory.say(hers, "As I was saying, Alice");
	await until("alice has all", async () => (await alice.texts(hers)).length === 2);
	assert.equal((await alice.device.conversation(chat))?.continuedBy, undefined);
	assert.deepEqual(await alice.texts(hers), ["Mallory: Hello", "Mallory: As I was saying, Alice"]);
	await alice.say(chat, "Still between us");
	await until("bob reads it", async () => (await bob.texts(chat)).includes("Alice: Still between us"));
});
