/** Who is here: for whom it is meant, both ways, to the minute, and for no longer than it is true. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConversationId, SystemClock } from "@troth/protocol";
import { HERE_MS, WATCH_MS } from "../device/presence-api.ts";
import { troth } from "../troth/_troth.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const MINUTE = 60_000;
const OPERATOR = "token-of-the-operator-of-presence";

let directory: string;
let world: TestWorld;
let alice: Person;
let bob: Person;
let chat: ConversationId;

before(async () => {
	directory = await mkdtemp(join(tmpdir(), "troth-presence-"));
	world = await startWorld({ directory, clock: new SystemClock(), operatorToken: OPERATOR });
	[alice, bob] = [await world.person("alice"), await world.person("bob")];
	chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "are you there?");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await rm(directory, { recursive: true });
});

/** What `watcher` is told of `target`, as it changes. */
const toldOf = (watcher: Person, target: Person) =>
	watcher.events.flatMap((event) =>
		event.type === "presence" && event.presence.account === target.account ? [event.presence] : [],
	);

const sees = (watcher: Person, target: Person, what: "online" | "last seen" | "nothing") =>
	until(`${watcher.name} sees ${what} of ${target.name}`, async () => {
		const { online, lastSeenMs } = await watcher.device.watchPresence(target.account);
		const now = online ? "online" : lastSeenMs !== undefined ? "last seen" : "nothing";
		return now === what ? { lastSeenMs } : undefined;
	});

test("whom bob never wrote to sees nothing of him; who wrote to each other see each other", async () => {
	await bob.device.here();
	await alice.device.watchPresence(bob.account);
	await until("alice is answered", () => toldOf(alice, bob).length > 0);
	assert.deepEqual(toldOf(alice, bob), [{ account: bob.account, online: false, lastSeenMs: undefined }]);
	await bob.say(chat, "yes");
	await sees(alice, bob, "online");
	await alice.device.here();
	await sees(bob, alice, "online");
});

test("being here lapses where nobody repeats it, and what stays is the minute", async () => {
	world.clock.advance(HERE_MS + 1000);
	const { lastSeenMs } = await sees(alice, bob, "last seen");
	assert.equal((lastSeenMs ?? 1) % MINUTE, 0);
	assert.ok(Math.abs((lastSeenMs ?? 0) - world.clock.now()) < 2 * MINUTE);
});

test("it ends with the connection", async () => {
	await bob.device.here();
	await sees(alice, bob, "online");
	await bob.close();
	await sees(alice, bob, "last seen");
	await bob.comeBack();
	await sees(alice, bob, "last seen");
});

test("nothing more is told once the chat is closed", async () => {
	await sees(alice, bob, "last seen");
	world.clock.advance(WATCH_MS + 1000);
	await until("the server does not watch for her any more", async () => {
		const before = toldOf(alice, bob).length;
		await bob.device.here();
		await sees(bob, alice, "last seen");
		return toldOf(alice, bob).length === before;
	});
	await sees(alice, bob, "online");
});

test("who hides does not see, and who is hidden from does not either", async () => {
	await alice.device.here();
	await bob.device.here();
	await sees(bob, alice, "online");
	await bob.device.setPresenceAudience("nobody");
	await sees(alice, bob, "nothing");
	await sees(bob, alice, "nothing");
	assert.equal(await bob.device.presenceAudience(), "nobody");
	// What was known of him is forgotten, not only hidden: nothing comes back with the permission.
	await bob.close();
	await bob.comeBack();
	await bob.device.setPresenceAudience("everyone");
	await alice.device.watchPresence(bob.account);
	await alice.device.here();
	await sees(bob, alice, "online");
	await sees(alice, bob, "nothing");
	await bob.device.here();
	await sees(alice, bob, "online");
});

test("never to who is blocked, in either direction", async () => {
	await bob.device.block(alice.account);
	await sees(alice, bob, "nothing");
	await sees(bob, alice, "nothing");
	await bob.device.unblock(alice.account);
	await bob.device.here();
	await alice.device.here();
	await sees(alice, bob, "online");
});

test("nobody without a chat sees anything, whatever the audience", async () => {
	const mallory = await world.person("mallory");
	await mallory.device.setPresenceAudience("everyone");
	await bob.device.here();
	await mallory.device.watchPresence(bob.account);
	await until("mallory is answered", () => toldOf(mallory, bob).length > 0);
	assert.deepEqual(toldOf(mallory, bob), [{ account: bob.account, online: false, lastSeenMs: undefined }]);
	const hers = await mallory.device.openDirect((await mallory.device.find(bob.phone)).account);
	await until("bob is in it", () => bob.device.conversation(hers));
	// Bob's audience is everyone now, and a chat is a chat.
	world.clock.advance(WATCH_MS + 1000);
	await bob.device.here();
	await sees(mallory, bob, "online");
	await mallory.close();
});

test("the minute outlives the server, the contacts do not, and nothing of it stands in the log", async () => {
	await bob.device.setPresenceAudience("contacts");
	await bob.device.here();
	await alice.device.here();
	await sees(alice, bob, "online");
	await bob.close();
	await sees(alice, bob, "last seen");
	await world.stop();
	await world.start();
	await alice.device.caughtUp();
	await until("alice is told that she may see nothing yet", () => {
		const last = toldOf(alice, bob).at(-1);
		return last?.online === false && last.lastSeenMs === undefined;
	});
	await bob.comeBack();
	await sees(alice, bob, "last seen");
	const lines = world.log.join("\n");
	assert.ok(!lines.includes("presence") && !lines.includes("last-seen"), lines);
});

test("a business neither sees nor is seen", async () => {
	const shop = await world.person("Corner Shop");
	const approved = await fetch(`${world.url}/operator/businesses`, {
		method: "POST",
		headers: { authorization: `Bearer ${OPERATOR}`, "content-type": "application/json" },
		body: JSON.stringify({ phone: shop.phone, name: "Corner Shop" }),
	});
	assert.equal(approved.status, 201);
	await shop.device.setPresenceAudience("everyone");
	await bob.device.setPresenceAudience("everyone");
	const order = await bob.device.openDirect((await bob.device.find(shop.phone)).account);
	await bob.say(order, "open today?");
	await until("the shop has it", async () => (await shop.texts(order)).length === 1);
	await bob.device.here();
	await shop.device.here();
	await shop.device.watchPresence(bob.account);
	await bob.device.watchPresence(shop.account);
	await until("both are answered", () => toldOf(shop, bob).length > 0 && toldOf(bob, shop).length > 0);
	assert.ok(![...toldOf(shop, bob), ...toldOf(bob, shop)].some(({ online, lastSeenMs }) => online || lastSeenMs));
});

test("from a terminal: who may see it, and when somebody was here last", async () => {
	const of = ["--profile", join(directory, "dan"), "--json"];
	const phone = "+15550107501";
	const register = ["register", "--server", world.url, "--phone", phone, "--name", "Dan", ...of];
	await troth(register);
	const registered = await troth([...register, "--code", world.code(phone), "--accept", "1"]);
	assert.equal(registered.code, 0, registered.stderr);
	assert.deepEqual((await troth(["presence", ...of])).lines, [{ audience: "contacts" }]);
	assert.deepEqual((await troth(["presence", "everyone", ...of])).lines, [{ audience: "everyone" }]);
	assert.equal((await troth(["presence", "friends", ...of])).code, 2);
	await bob.device.setPresenceAudience("everyone");
	await bob.device.here();
	const [seen] = (await troth(["presence", "of", bob.phone, ...of])).lines;
	assert.deepEqual(seen, { account: bob.account, online: true });
});
