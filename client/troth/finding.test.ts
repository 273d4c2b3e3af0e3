/** `troth find`, `username`, `contact-link`, `findable`, `contacts` and `invite`, as people and programs rely on them. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { registerProfile } from "../device/open.node.ts";
import { startWorld } from "../stories/_people.ts";
import { troth } from "./_troth.ts";

const ALICE = "+15550107951";

test("alice finds and is found, with the command alone", async () => {
	const dir = await mkdtemp(join(tmpdir(), "troth-finding-"));
	await using undo = new AsyncDisposableStack();
	undo.defer(() => rm(dir, { recursive: true }));
	const world = undo.use(await startWorld());
	const code = async () => world.code(ALICE);
	await registerProfile({ dir, server: world.url, phone: ALICE, name: "Alice", code, acceptTerms: true });
	const bob = await world.person("Bob");
	const run = async (...args: string[]) => {
		const ran = await troth([...args, "--profile", dir, "--json"]);
		return ran.code === 0 ? ran.lines : ran.code === 2 ? 2 : ran.error?.code;
	};

	assert.deepEqual(await run("find", bob.phone), [{ account: bob.account, phone: bob.phone, verified: false }]);
	assert.deepEqual(await run("find", "bob"), 2);
	await bob.device.setUsername("bobby");
	assert.deepEqual(await run("find", "@Bobby"), [
		{ account: bob.account, name: "@bobby", phone: bob.phone, verified: false },
	]);
	const { link } = await bob.device.makeContactLink();
	assert.ok(link.state === "here");
	const [opened] = (await run("find", link.address)) as readonly Record<string, unknown>[];
	assert.deepEqual([opened?.["account"], opened?.["verified"]], [bob.account, true]);
	const [sent] = (await run("send", "--to", "@bobby", "hello")) as readonly Record<string, unknown>[];
	assert.equal(sent?.["seq"] !== undefined, true);

	assert.deepEqual(await run("username"), [{}]);
	assert.deepEqual(await run("username", "set", "Alice.L"), [{ username: "alice.l" }]);
	assert.equal(await run("username", "set", "bobby"), "USERNAME_TAKEN");
	assert.equal(await run("username", "set", "a"), "USERNAME_INVALID");
	assert.deepEqual(await run("username", "remove"), [{}]);

	assert.deepEqual(await run("findable", "nobody"), [{ byNumber: "nobody" }]);
	await assert.rejects(bob.device.find(ALICE));
	assert.deepEqual(await run("findable", "friends"), 2);
	assert.deepEqual(await run("findable"), [{ byNumber: "nobody" }]);

	assert.deepEqual(await run("contact-link"), [{}]);
	const [made] = (await run("contact-link", "new", "--name", "Alice")) as readonly { link: string }[];
	assert.match(made?.link ?? "", /\/#\/add\/[\w-]{48}\?n=Alice$/);
	assert.equal((await bob.device.openContactLink(made?.link ?? "")).person.name, "Alice");
	const [invited] = (await run("invite")) as readonly { text: string; address: string }[];
	assert.equal(invited?.address, `${world.url}/`);
	const [again] = (await run("invite", "--link")) as readonly { text: string; address: string }[];
	assert.ok(made?.link.startsWith(again?.address ?? "?") && again?.text.includes(again.address));
	assert.deepEqual(await run("contact-link", "revoke"), [{}]);

	const file = join(dir, "book.vcf");
	await writeFile(file, `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Robert\r\nTEL:${bob.phone}\r\nEND:VCARD\r\n`);
	assert.deepEqual(await run("contacts", "import", file, "--names"), [
		{ added: 1, known: 0, unreadable: 0, damaged: 0 },
	]);
	assert.deepEqual(await run("contacts"), [{ phone: bob.phone, name: "Robert" }]);
	assert.deepEqual(await run("contacts", "check"), [{ checked: 1, found: 1, left: 0 }]);
	const [contact] = (await run("contacts", "list")) as readonly Record<string, unknown>[];
	assert.equal(contact?.["account"], bob.account);
	assert.deepEqual(await run("contacts", "name", "@bobby", "Bob the builder"), [
		{ account: bob.account, name: "Bob the builder" },
	]);
	assert.deepEqual(await run("contacts", "forget"), [{ forgotten: true }]);
	await writeFile(file, "hello");
	assert.equal(await run("contacts", "import", file), "no-vcard");
	assert.equal(await run("contacts", "export"), 2);
});
