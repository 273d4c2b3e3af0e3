/** Who is who: safety numbers, numbers that change hands, streams that are taken over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isRefusal } from "@troth/protocol";
import { createRegistration } from "../registration/register.ts";
import { Middleman } from "./_lying.ts";
import { Person, startWorld, until } from "./_people.ts";

test("alice and bob compare safety numbers, and each pair has another one", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const carla = await world.person("Carla");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await until("bob is in", () => bob.device.conversation(chat));
	const [a, b] = [await alice.device.safetyNumber(bob.account), await bob.device.safetyNumber(alice.account)];
	assert.deepEqual(a.digits, b.digits);
	assert.equal(a.digits.length, 12);
	assert.ok(a.digits.every((group) => /^\d{5}$/.test(group)));
	assert.deepEqual(a.epochDigits, b.epochDigits);
	assert.equal(a.epochDigits?.length, 2);
	assert.equal(a.verified, false);
	await alice.device.confirmSafetyNumber(bob.account, true);
	assert.equal((await alice.device.safetyNumber(bob.account)).verified, true);
	assert.equal((await bob.device.safetyNumber(alice.account)).verified, false, "each decides for themselves");
	await alice.close();
	await alice.comeBack();
	assert.equal((await alice.device.safetyNumber(bob.account)).verified, true);

	await alice.device.find(carla.phone);
	const other = await alice.device.safetyNumber(carla.account);
	assert.notDeepEqual(other.digits, a.digits);
	assert.equal(other.epochDigits, undefined);
});

test("bob registers anew: the old device ends, alice is told and finds the new one with another safety number", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "Hello");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	const before = await alice.device.safetyNumber(bob.account);
	await alice.device.confirmSafetyNumber(bob.account, true);

	const again = await world.person("Bob", { phone: bob.phone });
	await until("the old device ends", async () => (await bob.device.connection()).state === "removed");
	await assert.rejects(bob.device.send(chat, "Hello?"), (error) => isRefusal(error, "DEVICE_REMOVED"));

	const found = await alice.device.find(bob.phone);
	assert.equal(found.account, again.account);
	assert.ok((await alice.rows(chat)).some(({ body }) => body.kind === "keys-changed"));
	const after = await alice.device.safetyNumber(again.account);
	assert.notDeepEqual(after.digits, before.digits);
	assert.equal(after.verified, false);
	const fresh = await alice.device.openDirect(found.account);
	assert.notEqual(fresh, chat);
	await assert.rejects(alice.device.send(fresh, "Is that you?"), (error) => isRefusal(error, "KEYS_CHANGED"));
	await alice.device.acknowledgeKeyChange(bob.account);
	await alice.say(fresh, "Is that you?");
	await until("the new device reads it", async () => (await again.texts(fresh)).length === 1);
});

test("a second stream of the same device takes over, and can be taken back", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const twin = await Person.twin(alice);
	await until("alice is replaced", async () => (await alice.device.connection()).state === "replaced");
	assert.equal((await twin.device.connection()).state, "online");
	alice.device.reconnect();
	await until("taken back", async () => (await alice.device.connection()).state === "online");
	await until("the twin is replaced", async () => (await twin.device.connection()).state === "replaced");
	await twin.close();
});

test("the terms have to be accepted before anything is sent", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob", { acceptTerms: false });
	assert.equal((await bob.device.terms()).acceptedVersion, 0);
	const { account } = await bob.device.find(alice.phone);
	await assert.rejects(bob.device.openDirect(account), (error) => isRefusal(error, "TERMS_NOT_ACCEPTED"));
	const chat = await alice.device.openDirect(bob.account);
	await until("bob is in", () => bob.device.conversation(chat));
	const refused = await bob.device.send(chat, "Hello");
	await assert.rejects(refused.id === undefined ? Promise.resolve() : bob.device.stored(chat, refused.id), (error) =>
		isRefusal(error, "TERMS_NOT_ACCEPTED"),
	);
	assert.equal((await bob.rows(chat)).at(-1)?.delivery?.state, "failed");
	await bob.device.acceptTerms((await bob.device.terms()).version);
	await new Promise((resolve) => setTimeout(resolve, 1100));
	await bob.say(chat, "Hello again");
	await until("alice reads it", async () => (await alice.texts(chat)).includes("Bob: Hello again"));
});

test("a registration whose answer got lost is finished with the same keys", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await Person.unregistered(world, "Alice", { ports: man.between });
	const registration = createRegistration(alice.ports());
	const { attempt } = await registration.requestCode(world.url, alice.phone);
	await assert.rejects(registration.verifyCode(world.url, attempt, "000"), (error) => isRefusal(error, "CODE_WRONG"));
	await assert.rejects(registration.createAccount(world.url, attempt, "Alice"), (error) =>
		isRefusal(error, "REGISTRATION_TOKEN_INVALID"),
	);
	await registration.verifyCode(world.url, attempt, world.code(alice.phone));
	man.deaf.add("CreateAccount");
	await assert.rejects(registration.createAccount(world.url, attempt, "Alice"), (error) =>
		isRefusal(error, "UNAVAILABLE"),
	);
	man.deaf.clear();
	// The process died; the next one finds what the first one wrote.
	const self = await createRegistration(alice.ports()).resume();
	assert.equal(self?.name, "Alice");
	await alice.comeBack();
	assert.equal((await alice.device.devices()).length, 1);
	assert.equal((await alice.device.devices())[0]?.device, self?.device);
	assert.equal(await createRegistration(alice.ports()).resume(), undefined);
});

test("a new name reaches the others with the next message", async () => {
	await using world = await startWorld();
	const alice = await world.person("Alice");
	const bob = await world.person("Bob");
	const chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "one");
	await until("bob has it", async () => (await bob.device.conversation(chat))?.title === "Alice");
	await alice.device.rename("Alice B.");
	await alice.say(chat, "two");
	await until("bob knows", async () => (await bob.device.conversation(chat))?.title === "Alice B.");
	assert.deepEqual(await bob.texts(chat), ["Alice B.: one", "Alice B.: two"]);
});
