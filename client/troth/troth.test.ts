/** The command as other people's programs rely on it: exit codes, JSON lines, errors. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startWorld, type TestWorld } from "../stories/_people.ts";
import { startTroth, troth } from "./_troth.ts";

let world: TestWorld;
let profiles: string;
/** In a process of its own, as other people's programs run it. */
const apart = (args: readonly string[]) => startTroth(args).done;
const of = (name: string) => ["--profile", join(profiles, name), "--json"];
const ALICE = "+15550107001";
const BOB = "+15550107002";
const CARLA = "+15550107003";

async function register(name: string, phone: string, run = troth): Promise<void> {
	const asked = await run(["register", "--server", world.url, "--phone", phone, "--name", name, ...of(name)]);
	assert.equal(asked.code, 1, "nobody typed a code");
	assert.equal(asked.error?.code, "CODE_NEEDED");
	const code = world.code(phone);
	const args = ["--server", world.url, "--phone", phone, "--name", name, "--code", code, "--accept", "1"];
	const done = await run(["register", ...args, ...of(name)]);
	assert.equal(done.code, 0, done.stderr);
	assert.equal(done.lines[0]?.["phone"], phone);
	assert.deepEqual(done.lines[1], { version: 1, accepted: true });
}

before(async () => {
	profiles = await mkdtemp(join(tmpdir(), "troth-command-"));
	world = await startWorld({ directory: join(profiles, "server") });
	await register("alice", ALICE, apart);
	await register("bob", BOB);
	await register("carla", CARLA);
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await rm(profiles, { recursive: true });
});

test("a message is stored before `send` ends, and `listen` prints it once", async () => {
	const sent = await apart(["send", "--to", BOB, "Hello Bob", ...of("alice")]);
	assert.equal(sent.code, 0, sent.stderr);
	const [stored] = sent.lines;
	assert.match(String(stored?.["id"]), /^[0-9a-f]{32}$/);
	assert.match(String(stored?.["conversation"]), /^[0-9a-f]{32}$/);
	assert.equal(typeof stored?.["seq"], "number");
	assert.equal(typeof stored?.["time"], "number");

	const heard = await apart(["listen", "--count", "1", "--timeout", "20", ...of("bob")]);
	assert.equal(heard.code, 0, heard.stderr);
	assert.equal(heard.lines.length, 1);
	const [event] = heard.lines;
	assert.equal(event?.["type"], "message");
	assert.equal(event?.["id"], stored?.["id"]);
	assert.equal(event?.["text"], "Hello Bob");
	assert.match(JSON.stringify(event?.["from"]), /"name":"alice"/);
	const again = await apart(["listen", "--timeout", "2", ...of("bob")]);
	assert.deepEqual(again.lines, [], "what was printed is not printed again");
	assert.equal(again.code, 0);
});

test("what comes while another command runs is printed by the next `listen`", async () => {
	await troth(["send", "--to", BOB, "While you were", ...of("alice")]);
	await troth(["send", "--to", BOB, "doing something else", ...of("alice")]);
	const answer = await troth(["send", "--to", ALICE, "I was busy", ...of("bob")]);
	assert.equal(answer.code, 0, answer.stderr);
	const one = await troth(["listen", "--count", "1", "--timeout", "20", ...of("bob")]);
	const other = await troth(["listen", "--count", "1", "--timeout", "20", ...of("bob")]);
	assert.deepEqual([one.lines[0]?.["text"], other.lines[0]?.["text"]], ["While you were", "doing something else"]);
	const conversation = String(answer.lines[0]?.["conversation"]);
	const history = await troth(["history", conversation, "--limit", "2", ...of("alice")]);
	assert.deepEqual(
		history.lines.map((line) => line["text"]),
		["doing something else", "I was busy"],
	);
});

test("a group from the command line, from its making to its end", async () => {
	const made = await troth(["group", "create", "Walks", BOB, CARLA, ...of("alice")]);
	assert.equal(made.code, 0, made.stderr);
	const group = String(made.lines[0]?.["conversation"]);
	const listed = await troth(["conversations", ...of("carla")]);
	assert.deepEqual(
		listed.lines.map(({ conversation, title }) => [conversation, title]),
		[[group, "Walks"]],
	);
	assert.equal((await troth(["send", "--to", group, "Sunday?", ...of("carla")])).code, 0);
	const forbidden = await troth(["group", "remove", group, CARLA, ...of("bob")]);
	assert.equal(forbidden.code, 1);
	assert.equal(forbidden.error?.code, "FORBIDDEN");
	assert.equal((await troth(["group", "remove", group, CARLA, ...of("alice")])).code, 0);
	assert.equal((await troth(["send", "--to", group, "Carla is out", ...of("alice")])).code, 0);
	const refused = await troth(["send", "--to", group, "Hello?", ...of("carla")]);
	assert.equal(refused.code, 1);
	assert.equal(refused.error?.code, "NOT_A_MEMBER");
	const carlas = await troth(["history", group, ...of("carla")]);
	assert.ok(carlas.lines.every((line) => line["text"] !== "Carla is out"));
	const info = await troth(["group", "info", group, ...of("bob")]);
	assert.ok(Array.isArray(info.lines[0]?.["members"]) && info.lines[0]["members"].length === 2);
	assert.equal((await troth(["group", "leave", group, ...of("bob")])).code, 0);
});

test("both sides see the same safety number", async () => {
	const [one, other] = [await troth(["verify", BOB, ...of("alice")]), await troth(["verify", ALICE, ...of("bob")])];
	assert.equal(one.code, 0, one.stderr);
	assert.match(String(one.lines[0]?.["digits"]), /^(\d{5} ){11}\d{5}$/);
	assert.equal(one.lines[0]?.["digits"], other.lines[0]?.["digits"]);
	assert.equal(one.lines[0]?.["verified"], false);
	const confirmed = await troth(["verify", BOB, "--confirm", ...of("alice")]);
	assert.equal(confirmed.lines[0]?.["verified"], true);
	const again = await troth(["verify", BOB, ...of("alice")]);
	assert.equal(again.lines[0]?.["verified"], true);
	const code = String(one.lines[0]?.["code"]);
	const compared = await troth(["verify", ALICE, "--code", code, ...of("bob")]);
	assert.deepEqual([compared.lines[0]?.["outcome"], compared.lines[0]?.["verified"]], ["same", true]);
	const strangers = await troth(["verify", ALICE, "--code", code, ...of("carla")]);
	assert.deepEqual([strangers.lines[0]?.["outcome"], strangers.lines[0]?.["verified"]], ["for-another", false]);
});

test("a conversation is begun anew, and goes on with what was said before", async () => {
	const before = await troth(["history", BOB, ...of("alice")]);
	const begun = await troth(["restart", BOB, ...of("alice")]);
	assert.equal(begun.code, 0, begun.stderr);
	const conversation = String(begun.lines[0]?.["conversation"]);
	assert.notEqual(conversation, begun.lines[0]?.["replaces"]);
	assert.equal(
		(await troth(["send", "--to", BOB, "once more", ...of("alice")])).lines[0]?.["conversation"],
		conversation,
	);
	const texts = (lines: typeof before.lines) => lines.flatMap(({ type, text }) => (type === "message" ? [text] : []));
	const after = await troth(["history", BOB, ...of("alice")]);
	assert.deepEqual(texts(after.lines), [...texts(before.lines), "once more"]);
	const listed = await troth(["conversations", ...of("alice")]);
	assert.ok(!listed.lines.some((line) => line["conversation"] === begun.lines[0]?.["replaces"]));
});

test("blocked people are not heard, and are heard again after", async () => {
	assert.equal((await troth(["send", "--to", CARLA, "Hello Carla", ...of("alice")])).code, 0);
	const blocked = await troth(["block", ALICE, ...of("carla")]);
	assert.equal(blocked.code, 0, blocked.stderr);
	assert.equal((await troth(["send", "--to", CARLA, "Can you hear me?", ...of("alice")])).code, 0);
	assert.equal((await troth(["unblock", ALICE, ...of("carla")])).code, 0);
	const sent = await troth(["send", "--to", CARLA, "And now?", ...of("alice")]);
	const history = await troth(["history", String(sent.lines[0]?.["conversation"]), ...of("carla")]);
	const texts = history.lines.map((line) => line["text"]);
	assert.ok(texts.includes("And now?"));
	assert.ok(!texts.includes("Can you hear me?"));
});

test("devices and terms", async () => {
	const devices = await troth(["devices", ...of("alice")]);
	assert.equal(devices.lines.length, 1);
	assert.equal(devices.lines[0]?.["own"], true);
	const terms = await troth(["terms", ...of("alice")]);
	assert.equal(terms.lines[0]?.["version"], 1);
	assert.equal(terms.lines[0]?.["acceptedVersion"], 1);
	assert.equal((await troth(["accept", "9", ...of("alice")])).error?.code, "TERMS_VERSION_UNKNOWN");
	assert.equal((await troth(["accept", "1", "--consent", "relevant_ads", ...of("alice")])).code, 2);
});

test("wrong usage ends with 2, refusals with 1 and a JSON error", async () => {
	for (const args of [
		[],
		["sing"],
		["send", "Hello"],
		["send", "--to", BOB],
		["listen", "--count", "0"],
		["listen", "--loud"],
	])
		assert.equal((await troth([...args, ...(args.length > 0 ? of("alice") : [])])).code, 2, args.join(" "));
	assert.equal((await apart(["sing"])).code, 2);
	const nobody = await apart(["send", "--to", "+15550109999", "Hello", ...of("alice")]);
	assert.equal(nobody.code, 1);
	assert.equal(nobody.error?.code, "NOT_FOUND");
	assert.equal(nobody.stdout, "");
	const strange = await troth(["history", "00".repeat(16), ...of("alice")]);
	assert.equal(strange.error?.code, "NOT_FOUND");
	const empty = await troth(["conversations", "--profile", join(profiles, "nobody"), "--json"]);
	assert.equal(empty.code, 1);
	assert.equal(empty.error?.code, "NOT_FOUND");
	const unregistered = await troth(["register", "--server", world.url, "--phone", "12", "--name", "X", ...of("x")]);
	assert.equal(unregistered.error?.code, "PHONE_INVALID");
});

test("a reader who has read enough ends the command without a word; what nobody read is printed by the next", async () => {
	const help = startTroth(["help"]);
	help.child.stdout?.destroy();
	const { code, stderr } = await help.done;
	assert.deepEqual([code, stderr], [141, ""], "as after `| head -1` elsewhere: 128 and SIGPIPE's 13");

	const unread = startTroth(["listen", ...of("bob")]);
	unread.child.stdout?.destroy();
	assert.equal((await troth(["send", "--to", BOB, "Anybody there?", ...of("alice")])).code, 0);
	const ended = await unread.done;
	assert.deepEqual([ended.code, ended.stderr], [141, ""]);
	const heard = await troth(["listen", "--timeout", "2", ...of("bob")]);
	assert.ok(heard.lines.some((line) => line["text"] === "Anybody there?"));
});

test("a profile that another process uses is said so", async () => {
	assert.equal((await troth(["send", "--to", ALICE, "Are you there?", ...of("bob")])).code, 0);
	const listening = startTroth(["listen", ...of("alice")]);
	if (listening.child.stdout !== null) await once(listening.child.stdout, "data");
	const second = await troth(["conversations", ...of("alice")]);
	listening.child.kill("SIGTERM");
	assert.equal((await listening.done).code, 0);
	assert.equal(second.code, 1);
	assert.equal(second.error?.code, "ProfileInUse");
});

test("without a server the history is still there, and sending says that it will be sent later", async () => {
	const before = await troth(["conversations", ...of("bob")]);
	const chat = String(before.lines.find(({ kind }) => kind === "direct")?.["conversation"]);
	await world.stop();
	try {
		const history = await troth(["history", chat, ...of("bob")]);
		assert.equal(history.code, 0, history.stderr);
		assert.ok(history.lines.length > 0);
		const sent = await troth(["send", "--to", chat, "Anybody?", ...of("bob")]);
		assert.equal(sent.code, 1);
		assert.equal(sent.error?.code, "UNAVAILABLE");
	} finally {
		await world.start();
	}
});
