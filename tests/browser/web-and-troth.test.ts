/** alice uses the app, bob and carla the command: one conversation, one group, and nobody notices the difference. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join as joinPath } from "node:path";
import { after, before, test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { troth as runTroth } from "../../client/troth/_troth.ts";
import { Profile, withBrowser } from "./_browser.ts";
import { chat, composer, hasCome, join, message, say, startChat } from "./_person.ts";
import { TestServer } from "./_server.ts";

const ALICE = { phone: "+15550100001", name: "Alice" };
const BOB = { phone: "+15550100002", name: "Bob" };
const CARLA = { phone: "+15550100003", name: "Carla" };
const ABSENCE = 40;

let server: TestServer;
let browser: Browser & AsyncDisposable;
let profile: Profile;
let alice: Page;
let directory: string;

before(async () => {
	[server, browser] = await withBrowser(TestServer.start());
	directory = await mkdtemp(joinPath(tmpdir(), "troth-command-"));
	profile = await Profile.open(browser);
	alice = await profile.tab(server.url);
	await join(alice, server, ALICE);
});

after(async () => {
	await browser?.[Symbol.asyncDispose]();
	await server?.[Symbol.asyncDispose]();
	await rm(directory, { recursive: true, force: true });
});

type Line = Readonly<Record<string, unknown>>;

/** Runs the command as this person and gives the lines it printed; rejects with exit code and error where it failed. */
async function troth(who: { readonly name: string }, ...args: readonly string[]): Promise<readonly Line[]> {
	const { code, lines, stderr } = await runTroth([...args, "--profile", joinPath(directory, who.name), "--json"]);
	if (code !== 0) throw Object.assign(new Error(stderr), { code, stderr });
	return lines;
}

async function register(who: { readonly name: string; readonly phone: string }): Promise<void> {
	const words = ["register", "--server", server.url, "--phone", who.phone, "--name", who.name, "--accept", "1"];
	// The first call asks for the code and gets none on its empty input; the second brings it.
	await assert.rejects(troth(who, ...words), (error: { code?: number; stderr?: string }) => {
		assert.equal(error.code, 1);
		return true;
	});
	await troth(who, ...words, "--code", server.code(who.phone));
}

test("bob and carla register with the command", async () => {
	await register(BOB);
	await register(CARLA);
	const [terms] = await troth(BOB, "terms");
	assert.equal(terms?.["acceptedVersion"], 1);
});

test("alice writes in the app, bob reads and answers with the command", async () => {
	await startChat(alice, BOB.phone);
	await composer(alice).waitFor();
	await say(alice, "Are you there, terminal man?");
	const lines = await troth(BOB, "listen", "--count", "5", "--timeout", "4");
	assert.ok(lines.some((line) => line["type"] === "message" && line["text"] === "Are you there, terminal man?"));
	await hasCome(alice, "Are you there, terminal man?", "Read");
	const [sent] = await troth(BOB, "send", "--to", ALICE.phone, "At your service");
	assert.match(String(sent?.["id"]), /^[0-9a-f]{32}$/);
	await message(alice, "At your service").waitFor();
});

test(`bob is away for ${ABSENCE} messages and then has each once, in order`, async () => {
	const conversations = await troth(BOB, "conversations");
	const conversation = String(conversations[0]?.["conversation"]);
	await composer(alice).waitFor();
	for (let n = 1; n <= ABSENCE; n++) await say(alice, `while you were away, ${n}`);
	await hasCome(alice, `while you were away, ${ABSENCE}`, "Sent");
	const lines = await troth(BOB, "listen", "--count", String(ABSENCE), "--timeout", "60");
	const texts = lines.filter((line) => line["type"] === "message").map((line) => line["text"]);
	assert.deepEqual(
		texts,
		Array.from({ length: ABSENCE }, (_, n) => `while you were away, ${n + 1}`),
	);
	const history = await troth(BOB, "history", conversation, "--limit", "1000");
	assert.equal(history.filter((line) => String(line["text"]).startsWith("while you were away")).length, ABSENCE);
	assert.deepEqual(
		(await troth(BOB, "listen", "--timeout", "1")).filter((line) => line["type"] === "message"),
		[],
		"nothing is told twice",
	);
});

test("carla makes a group with the command, alice sees its name and writes, a removed bob reads no more", async () => {
	const [group] = await troth(CARLA, "group", "create", "Sunday walk", ALICE.phone, BOB.phone);
	const conversation = String(group?.["conversation"]);
	await chat(alice, "Sunday walk").click();
	await say(alice, "At ten, by the mill?");
	await hasCome(alice, "At ten, by the mill?", "Sent");
	const heard = await troth(BOB, "listen", "--timeout", "4");
	assert.ok(heard.some((line) => line["text"] === "At ten, by the mill?"));
	await troth(CARLA, "group", "remove", conversation, BOB.phone);
	await alice.getByRole("log", { name: "Messages" }).getByText("Carla removed Bob").waitFor();
	await say(alice, "Then just the two of us");
	await hasCome(alice, "Then just the two of us", "Sent");
	const after = await troth(BOB, "listen", "--timeout", "4");
	assert.ok(after.some((line) => line["action"] === "removed"));
	assert.ok(!after.some((line) => line["text"] === "Then just the two of us"));
	const members = (await troth(CARLA, "group", "info", conversation))[0]?.["members"] as readonly Line[];
	assert.deepEqual(members.map((member) => member["name"]).sort(), ["Alice", "Carla"]);
	await assert.rejects(troth(BOB, "send", "--to", conversation, "let me in"), { code: 1 });
	profile.assertUntroubled();
});

test("both see the same safety number, and what bob exports is what he has", async () => {
	const [forBob] = await troth(BOB, "verify", ALICE.phone);
	const digits = String(forBob?.["digits"]).split(" ");
	assert.equal(digits.length, 12);
	await chat(alice, "Bob").click();
	await alice.getByRole("button", { name: "Chat info" }).click();
	await alice
		.getByRole("link", { name: /Safety number/ })
		.or(alice.getByRole("button", { name: /Safety number/ }))
		.click();
	for (const group of digits) await alice.getByText(group, { exact: true }).first().waitFor();
	const out = joinPath(directory, "export");
	const [exported] = await troth(BOB, "export", "--out", out);
	assert.equal(exported?.["conversations"], 2);
	assert.ok(Number(exported["messages"]) > ABSENCE);
});

test("wrong usage is 2, a refusal is 1 with its code", async () => {
	await assert.rejects(troth(BOB, "dance"), { code: 2 });
	await assert.rejects(troth(BOB, "send", "--to", ALICE.phone), { code: 2 });
	await assert.rejects(
		troth(BOB, "send", "--to", "+15550109999", "anyone?"),
		(error: { code?: number; stderr?: string }) => {
			assert.equal(error.code, 1);
			const { error: refusal } = JSON.parse(error.stderr ?? "") as { error: { code: string } };
			assert.equal(refusal.code, "NOT_FOUND");
			return true;
		},
	);
});
