/** Bob's phone is asleep. It is woken once, by somebody who learns nothing, and only when somebody wrote to him. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConversationId, isRefusal, SystemClock } from "@troth/protocol";
import { PushService } from "../../messenger/push/_push-service.ts";
import { type Person, startWorld, type TestWorld, until } from "./_people.ts";

const SUBJECT = "mailto:operator@troth.example";
const MINUTE = 60_000;
const BOBS = "/wake/bobs-phone";
const CARLAS = "/wake/carlas-phone";

let directory: string;
let service: PushService;
let world: TestWorld;
let alice: Person;
let bob: Person;
let carla: Person;
let chat: ConversationId;
let carlas: ConversationId;
let endpoint: string;

before(async () => {
	directory = await mkdtemp(join(tmpdir(), "troth-waking-"));
	service = await PushService.open();
	const push = { subject: SUBJECT, services: [service.url, "fcm.googleapis.com"] };
	world = await startWorld({ directory, clock: new SystemClock(), push });
	[alice, bob] = [await world.person("alice"), await world.person("bob")];
	chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await alice.say(chat, "hello");
	await until("bob has it", async () => (await bob.texts(chat)).length === 1);
	carla = await world.person("carla");
	carlas = await alice.device.openDirect((await alice.device.find(carla.phone)).account);
	await carla.device.subscribePush(`${service.url}${CARLAS}`);
	endpoint = `${service.url}${BOBS}`;
	await bob.device.subscribePush(endpoint);
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await service[Symbol.asyncDispose]();
	await rm(directory, { recursive: true });
});

const wakeUpsOf = (path: string) => service.wakeUps.filter((one) => one.path === path);
const woken = (times: number) => until(`${times} wake-ups`, () => wakeUpsOf(BOBS).length >= times);

/** The time passes until it happens. */
const inTime = (times: number) =>
	until(`${times} wake-ups`, () => {
		if (wakeUpsOf(BOBS).length >= times) return true;
		world.clock.advance(MINUTE / 2);
		return false;
	});

/** Everything that would have been sent by now has been: Carla's phone, to which somebody writes only now, is woken. */
async function nothingMore(times: number): Promise<void> {
	const before = wakeUpsOf(CARLAS).length;
	await carla.close();
	await alice.say(carlas, "now?");
	world.clock.advance(2 * MINUTE);
	await until("carla is woken", () => wakeUpsOf(CARLAS).length > before);
	await carla.comeBack();
	assert.equal(wakeUpsOf(BOBS).length, times);
}

test("nobody is woken who is here", async () => {
	await alice.say(chat, "you are here");
	await until("bob has it", async () => (await bob.texts(chat)).length === 2);
	world.clock.advance(2 * MINUTE);
	await nothingMore(0);
});

test("who is away is woken once, and the push service learns that and nothing else", async () => {
	await bob.close();
	await alice.say(chat, "the first one while you sleep");
	world.clock.advance(2_000);
	await woken(1);
	const [wakeUp] = wakeUpsOf(BOBS);
	assert.ok(wakeUp !== undefined);
	assert.equal(wakeUp.path, BOBS);
	assert.equal(wakeUp.body.length, 0);
	const { authorization, host, connection, ...headers } = wakeUp.headers;
	assert.deepEqual(headers, { ttl: "2419200", topic: "new", urgency: "high", "content-length": "0" });
	assert.ok(host !== undefined && connection !== undefined);
	const { sub, key } = await service.claims(wakeUp, new Date(world.clock.now()));
	assert.equal(sub, SUBJECT);
	assert.deepEqual(new Uint8Array(key), (await alice.device.push()).publicKey);
	await alice.say(chat, "the second one");
	world.clock.advance(2 * MINUTE);
	await nothingMore(1);
});

test("the next time it is woken again; what was read in between wakes nobody", async () => {
	await bob.comeBack();
	assert.equal((await bob.texts(chat)).length, 4);
	await bob.close();
	world.clock.advance(2 * MINUTE);
	await nothingMore(1);
	await alice.say(chat, "again");
	world.clock.advance(2_000);
	await woken(2);
});

test("a crash of the server wakes nobody twice, and forgets nobody", async () => {
	await world.stop();
	await world.start();
	await alice.device.caughtUp();
	world.clock.advance(2 * MINUTE);
	await nothingMore(2);
	await bob.comeBack();
	await bob.close();
	// Stored, and the server dies before anybody was woken.
	await alice.say(chat, "and then it died");
	await world.stop();
	await world.start();
	await alice.device.caughtUp();
	world.clock.advance(2 * MINUTE);
	await woken(3);
});

test("a service that is busy is asked again when it wishes, and one that breaks later and later", async () => {
	await bob.comeBack();
	await bob.close();
	service.answers.push({ path: BOBS, status: 429, headers: { "retry-after": "600" } }, { path: BOBS, status: 503 });
	await alice.say(chat, "try");
	world.clock.advance(2_000);
	await woken(4);
	world.clock.advance(7 * MINUTE);
	await nothingMore(4);
	await inTime(5);
	await inTime(6);
	world.clock.advance(60 * MINUTE);
	await nothingMore(6);
});

test("who is blocked wakes nobody", async () => {
	await bob.comeBack();
	await bob.device.block(alice.account);
	await bob.close();
	await alice.say(chat, "wake up!");
	world.clock.advance(2 * MINUTE);
	await nothingMore(6);
	await bob.comeBack();
	await bob.device.unblock(alice.account);
});

test("a subscription that the service has ended is forgotten, and so is one that is taken back", async () => {
	const hash = createHash("sha256").update(endpoint).digest("hex");
	assert.equal((await bob.device.push()).endpointHash, hash);
	await bob.close();
	service.answers.push({ path: BOBS, status: 410 });
	await alice.say(chat, "gone?");
	world.clock.advance(2_000);
	await woken(7);
	await bob.comeBack();
	await until("the server has forgotten it", async () => (await bob.device.push()).endpointHash === undefined);
	await bob.device.subscribePush(endpoint);
	await bob.device.unsubscribePush();
	assert.equal((await bob.device.push()).endpointHash, undefined);
	await bob.close();
	await alice.say(chat, "nobody is woken by this");
	world.clock.advance(2 * MINUTE);
	await nothingMore(7);
});

test("the server talks to no address that a device makes up", async () => {
	await bob.comeBack();
	for (const elsewhere of [
		"http://127.0.0.1:1/inside",
		"https://127.0.0.1/inside",
		"https://[::1]/inside",
		"https://localhost/inside",
		"https://fcm.googleapis.com.mallory.example/send",
		"https://fcm.googleapis.com:8443/send",
		"https://user:secret@fcm.googleapis.com/send",
		"http://fcm.googleapis.com/send",
	])
		await assert.rejects(bob.device.subscribePush(elsewhere), (error) => isRefusal(error, "FORBIDDEN"), elsewhere);
	await assert.rejects(bob.device.subscribePush("wake me"), (error) => isRefusal(error, "MALFORMED"));
	await bob.device.subscribePush("https://fcm.googleapis.com/fcm/send/abc");
	await bob.device.unsubscribePush();
});

test("no endpoint stands in the log, and none outlives its account", async () => {
	await bob.device.subscribePush(endpoint);
	assert.ok(!world.log.join("\n").includes("bobs-phone"));
	await bob.device.deleteAccount();
	world.everybody.delete(bob);
	await alice.device.send(chat, "are you still there?");
	world.clock.advance(2 * MINUTE);
	await nothingMore(7);
});
