/** Backup, restore and export by command. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { registerProfile } from "../device/open.node.ts";
import { unzipped } from "../export/_unzip.ts";
import { type Person, startWorld, type TestWorld, until } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const ALICE = "+15550107401";

let world: TestWorld;
let profiles: string;
let bob: Person;
let code: string;
const of = (name: string) => ["--profile", join(profiles, name), "--json"];
const file = (name: string) => join(profiles, name);

async function register(name: string): Promise<void> {
	const server = world.url;
	await registerProfile({
		dir: file(name),
		server,
		phone: ALICE,
		name: "Alice",
		code: async () => world.code(ALICE),
		acceptTerms: true,
	});
}

before(async () => {
	profiles = await mkdtemp(join(tmpdir(), "troth-backup-"));
	world = await startWorld();
	bob = await world.person("Bob");
	await register("phone");
	const sent = await troth(["send", "--to", bob.phone, "Hello Bob", ...of("phone")]);
	assert.equal(sent.code, 0, sent.stderr);
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await rm(profiles, { recursive: true });
});

test("a backup is a file for its owner alone, under a code that is told once", async () => {
	const made = await troth(["backup", file("history.troth"), ...of("phone")]);
	assert.equal(made.code, 0, made.stderr);
	code = String(made.lines[0]?.["code"]);
	assert.match(code, /^(\d{5} ){5}\d{5}$/);
	const { mode, size } = await stat(file("history.troth"));
	assert.deepEqual([mode & 0o777, size], [0o600, made.lines[0]?.["bytes"]]);
	assert.ok(!(await readFile(file("history.troth"), "latin1")).includes("Hello Bob"));
	const again = await troth(["backup", file("again.troth"), "--code", code.replaceAll(" ", ""), ...of("phone")]);
	assert.equal(again.lines[0]?.["code"], code);
	const key = await troth(["backup", file("key.troth"), "--key", ...of("phone")]);
	assert.match(String(key.lines[0]?.["code"]), /^(\d{4} ){15}\d{4}$/);
	const short = await troth(["backup", file("short.troth"), "--code", "123", ...of("phone")]);
	assert.deepEqual([short.code, short.error?.code], [1, "CodeMalformed"]);
	await assert.rejects(stat(file("short.troth")), { code: "ENOENT" });
});

test("it is taken into a profile that registered anew, and refused by name where it can not be", async () => {
	await register("new");
	await writeFile(file("half.troth"), await readFile(file("history.troth")));
	await truncate(file("half.troth"), 300);
	const refused = async (name: string, under: string) =>
		(await troth(["restore", file(name), "--code", under, ...of("new")])).error?.code;
	assert.equal(await refused("half.troth", code), "Truncated");
	assert.equal(await refused("history.troth", "11111 ".repeat(6)), "WrongCode");
	assert.equal(await refused("key.troth", code), "WrongCode");
	const typed = await troth(["restore", file("history.troth"), ...of("new")], `${code}\n`);
	assert.equal(typed.code, 0, typed.stderr);
	assert.deepEqual([typed.lines[0]?.["messages"], typed.lines[0]?.["ofAnother"]], [1, true]);
	const [conversation] = (await troth(["conversations", ...of("new")])).lines;
	const history = await troth(["history", String(conversation?.["conversation"]), ...of("new")]);
	assert.ok(
		history.lines.some(({ text }) => text === "Hello Bob"),
		history.stdout,
	);
	const heard = await troth(["listen", "--timeout", "0.2", ...of("new")]);
	assert.ok(!heard.lines.some(({ type }) => type === "message"), "history is no news");
	const sent = await troth(["send", "--to", bob.phone, "New phone", ...of("new")]);
	assert.equal(sent.code, 0, sent.stderr);
	await until("bob has it", async () =>
		(await bob.device.conversations()).some(({ last }) => last?.body.kind === "text" && last.body.text === "New phone"),
	);
});

test("an export is a folder, or the same as a zip", async () => {
	const folder = await troth(["export", file("all"), ...of("new")]);
	assert.equal(folder.code, 0, folder.stderr);
	const zip = await troth(["export", file("all.zip"), ...of("new")]);
	const { out: _, ...counts } = folder.lines[0] ?? {};
	assert.deepEqual({ ...zip.lines[0], out: undefined }, { ...counts, out: undefined });
	const inside = unzipped(await readFile(file("all.zip")));
	const { files } = JSON.parse(inside.get("manifest.json") ?? "") as { files: string[] };
	assert.deepEqual(new Set(inside.keys()), new Set([...files, "manifest.json"]));
	for (const name of files.filter((one) => one.startsWith("conversations")))
		assert.equal(await readFile(join(file("all"), name), "utf8"), inside.get(name));
	assert.equal((await stat(join(file("all"), "index.html"))).mode & 0o777, 0o600);
	assert.equal((await troth(["export", ...of("new")])).code, 2);
});
