/** Alice takes everything with her: it fits its schemas, and every message is in it exactly once. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ConversationId, Refusal } from "@troth/protocol";
import { type Person, startWorld, type TestWorld, until } from "../stories/_people.ts";
import { unzipped } from "./_unzip.ts";
import { messageJson } from "./message-json.ts";
import { SCHEMAS } from "./schemas.ts";

interface Validator {
	(value: unknown): boolean;
	readonly errors?: unknown;
}

// The validator that the messenger's HTTP server brings with it.
const requireOfFastify = createRequire(createRequire(import.meta.url).resolve("@fastify/ajv-compiler"));
const { Ajv2020 } = requireOfFastify("ajv/dist/2020") as {
	Ajv2020: new (options: object) => { compile(of: object): Validator };
};
const addFormats = requireOfFastify("ajv-formats") as (ajv: object) => void;

let world: TestWorld;
let directory: string;
let alice: Person;
let bob: Person;
let chat: ConversationId;
let group: ConversationId;
let files: ReadonlyMap<string, string>;

const SAID = [
	"Hello Bob",
	'<b>not bold</b> & "quoted"',
	"a line\nand another",
	"العربية 👩‍🚀",
	"x".repeat(70_000).slice(0, 60_000),
];

async function exported(person: Person): Promise<ReadonlyMap<string, string>> {
	const job = await person.device.startExport();
	const pieces: Uint8Array[] = [];
	for (let piece = await person.device.nextPiece(job); piece !== undefined; piece = await person.device.nextPiece(job))
		pieces.push(piece);
	return unzipped(Buffer.concat(pieces));
}

const jsonOf = (path: string, of = files) => JSON.parse(of.get(path) ?? "null") as Record<string, never>;

before(async () => {
	directory = await mkdtemp(join(tmpdir(), "troth-export-"));
	world = await startWorld();
	[alice, bob] = [await world.person("Alice"), await world.person("Bob <the> builder")];
	chat = await alice.device.openDirect((await alice.device.find(bob.phone)).account);
	await until("bob is in", () => bob.device.conversation(chat));
	for (const text of SAID) await alice.say(chat, text);
	const { id } = await bob.say(chat, "What?");
	await until("alice has it", async () => (await alice.rows(chat)).some((row) => row.id === id));
	const { id: answer } = await alice.device.send(chat, "That.", id);
	assert.ok(answer !== undefined);
	await alice.device.stored(chat, answer);
	for (let n = 0; n < 210; n++) await alice.device.send(chat, `no. ${n}`);
	group = await alice.device.createGroup('Choir / "quotes"', [bob.account]);
	await alice.device.renameGroup(group, "Quartet");
	await alice.say(group, "Practice");
	await alice.device.block(bob.account);
	await until("all is stored", async () =>
		(await alice.rows(chat)).every(({ delivery }) => delivery?.state !== "waiting"),
	);
	files = await exported(alice);
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await rm(directory, { recursive: true });
});

test("every file fits the schema that lies beside it, and the schemas are strict", () => {
	const ajv = new Ajv2020({ allErrors: true, strict: true });
	addFormats(ajv);
	const fits = new Map(Object.entries(SCHEMAS).map(([name, schema]) => [name, ajv.compile(schema)]));
	for (const name of Object.keys(SCHEMAS))
		assert.deepEqual(
			jsonOf(`schemas/${name}.schema.json`),
			SCHEMAS[name],
			"the schema in the export is the one of the code",
		);
	let checked = 0;
	for (const [path, text] of files) {
		if (!path.endsWith(".json") || path.startsWith("schemas/")) continue;
		const name = path.split("/").at(-1)?.replace(".json", "") ?? "";
		const validate = fits.get(name);
		assert.ok(validate !== undefined, `${path} has a schema`);
		assert.ok(validate(JSON.parse(text)), `${path}: ${JSON.stringify(validate.errors)?.slice(0, 500)}`);
		checked++;
	}
	assert.ok(checked >= 8, `${checked} files`);
	const message = jsonOf(`conversations/${chat}/messages.json`)[0] as object | undefined;
	for (const wrong of [
		{ ...message, type: "picture" },
		{ ...message, extra: 1 },
		{ ...message, time: "yesterday" },
	])
		assert.equal(fits.get("messages")?.([wrong]), false);
});

test("every message of every conversation is in it once, in order, as the device shows it", async () => {
	const index = jsonOf("conversations.json") as unknown as readonly { id: ConversationId; messages: number }[];
	assert.deepEqual(new Set(index.map(({ id }) => id)), new Set([chat, group]));
	let messages = 0;
	for (const { id, messages: counted } of index) {
		const written = jsonOf(`conversations/${id}/messages.json`) as unknown as readonly object[];
		const rows = await alice.rows(id);
		const shown = rows.map((row) => JSON.parse(JSON.stringify(messageJson(row))) as object);
		const settled = (line: object) => ({ ...line, delivery: undefined });
		assert.deepEqual(written.map(settled), shown.map(settled));
		assert.equal(counted, rows.length);
		messages += rows.length;
		const page = files.get(`conversations/${id}/transcript.html`) ?? "";
		assert.equal(page.match(/<p[ >]/g)?.length, rows.length + 1, "and as a line of the page, under one about it");
	}
	assert.ok(messages > 210);
	const manifest = jsonOf("manifest.json") as unknown as { messages: number; conversations: number; files: string[] };
	assert.deepEqual([manifest.messages, manifest.conversations], [messages, 2]);
	assert.deepEqual(new Set(manifest.files), new Set([...files.keys()].filter((path) => path !== "manifest.json")));
});

test("the pages show what was said and run nothing of it", () => {
	const page = files.get(`conversations/${chat}/transcript.html`) ?? "";
	assert.ok(page.includes("&#60;b&#62;not bold&#60;/b&#62;") && !page.includes("<b>not bold"));
	assert.ok(page.includes("العربية 👩‍🚀") && page.includes("a line\nand another"));
	assert.ok(page.includes(SAID[4] ?? ""));
	assert.match(page, /<blockquote>[^<]*What\?<\/blockquote>/);
	for (const [path, text] of files)
		if (path.endsWith(".html")) assert.doesNotMatch(text, /<script|src=|https?:\/\//, path);
	assert.ok(files.get("index.html")?.includes(`href="conversations/${chat}/transcript.html"`));
});

test("whom she blocked and what the server knows are in it, and no key is", async () => {
	const people = jsonOf("people.json") as unknown as readonly { account: string; blocked: boolean; self: boolean }[];
	assert.ok(people.some(({ account, blocked }) => account === bob.account && blocked));
	assert.equal(people[0]?.self, true);
	const known = jsonOf("server.json") as unknown as { sections: readonly { kind: string }[] };
	assert.ok(known.sections.length > 2);
	assert.equal((jsonOf("account.json") as { phone?: string }).phone, alice.phone);
	const stored = new TextDecoder().decode(alice.data.get("secrets"));
	const keys = [...stored.matchAll(/"privateKey":"([0-9a-f]+)"/g)].map(([, key]) => key ?? "?");
	assert.equal(keys.length, 2);
	for (const [path, text] of files) for (const key of keys) assert.ok(!text.includes(key), path);
});

test("without the server everything that is here is in it, and what is missing is named", async () => {
	await world.stop();
	await until("alice is alone", async () => (await alice.device.connection()).state === "offline");
	const alone = await exported(alice);
	const manifest = jsonOf("manifest.json", alone) as unknown as { missing: readonly string[] };
	assert.deepEqual(manifest.missing, ["acceptedTerms", "devices", "standing", "limits", "shares", "server"]);
	// A mark of delivery may have come since; no message may be gone.
	const messagesOf = (of: typeof files) =>
		jsonOf(`conversations/${chat}/messages.json`, of) as unknown as readonly object[];
	assert.equal(messagesOf(alone).length, messagesOf(files).length);
	assert.ok(!alone.has("server.json"));
	await assert.rejects(alice.device.aboutMe(), Refusal);
});
