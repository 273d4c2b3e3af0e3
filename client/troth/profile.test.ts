/** `troth profile` and `troth about-me`: what others see, and what the server knows. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { registerProfile } from "../device/open.node.ts";
import { type Person, startWorld, type TestWorld, until } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const ALICE = "+15550107301";

let world: TestWorld;
let bob: Person;
let dir: string;

before(async () => {
	world = await startWorld();
	dir = await mkdtemp(join(tmpdir(), "troth-profile-"));
	const server = world.url;
	await registerProfile({ dir, server, phone: ALICE, name: "Alice", code: async () => world.code(ALICE) });
	bob = await world.person("Bob");
	await run("accept", "1");
	await run("send", "--to", bob.phone, "hello");
});

after(async () => {
	await world[Symbol.asyncDispose]();
	await rm(dir, { recursive: true });
});

const run = (...args: readonly string[]) => troth([...args, "--profile", dir, "--json"]);

test("a picture from a file, for contacts; bob has it with the next message", async () => {
	assert.equal((await run("profile", "--show-photo", "friends")).code, 2);
	assert.equal((await run("profile", "--photo", join(dir, "none.jpg"))).code, 2);
	const file = join(dir, "alice.jpg");
	await writeFile(file, new Uint8Array([0xff, 0xd8, 0xff, 0xda, 0, 3, 0, 1, 0xff, 0xd9]));
	const changed = await run("profile", "--name", "Alice A.", "--photo", file, "--show-photo", "contacts");
	const audiences = { photo: "contacts", number: "nobody" };
	assert.deepEqual(changed.lines, [{ name: "Alice A.", phone: ALICE, photo: true, audiences }], changed.stderr);
	await run("send", "--to", bob.phone, "look");
	const alice = await until("bob has it", async () => {
		const [chat] = await bob.device.conversations();
		return chat?.members.find(({ self, photo }) => !self && photo !== undefined);
	});
	assert.equal(alice.name, "Alice A.");
	assert.equal((await bob.device.photo(alice.account))?.length, 10);
	assert.deepEqual((await run("profile", "--photo", "none")).lines[0]?.["photo"], false);
});

test("what the server knows, for people and for programs", async () => {
	const plain = await troth(["about-me", "--profile", dir]);
	assert.match(plain.stdout, /Your account\n {2}\(Who you are here.*\n {2}- .*Number: \+15550107301/);
	const [known] = (await run("about-me")).lines;
	const sections: unknown = known?.["sections"];
	assert.ok(Array.isArray(sections) && sections.length > 5);
});
