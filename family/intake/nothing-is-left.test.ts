/** The bytes on the disk after a recall, a drop and a refusal: not the number, not its hash, not its tags (hazard 33). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { PhoneNumber } from "@troth/protocol";
import { newTrother } from "../_bridge.ts";
import { startTestFamily, type TestFamily } from "../_fixture.ts";
import { openFamilyKeys } from "../keys.ts";

const BOB = "+15550100002";
const CARLA = "+15550100003";
const DAVE = "+15550100004";

/** Everything that would tell the number to somebody who reads the raw files. */
async function traces(directory: string, phone: string): Promise<ReadonlyMap<string, Buffer>> {
	const digits = phone.slice(1);
	const { tags } = await openFamilyKeys(directory, "family");
	const found = new Map<string, Buffer>();
	for (const text of [phone, digits]) {
		const plain = Buffer.from(text);
		const sha256 = createHash("sha256").update(plain).digest();
		found.set(`${text} plain`, plain);
		found.set(`${text} hex`, Buffer.from(plain.toString("hex")));
		found.set(`${text} UTF-16`, Buffer.from(text, "utf16le"));
		found.set(`${text} SHA-256`, sha256);
		found.set(`${text} SHA-256 in hex`, Buffer.from(sha256.toString("hex")));
		// At each offset in a longer text; the characters at both ends depend on what is around.
		for (const offset of [0, 1, 2]) {
			const encoded = Buffer.concat([Buffer.alloc(offset), plain])
				.toString("base64")
				.replaceAll("=", "");
			found.set(`${text} base64 at ${offset}`, Buffer.from(encoded.slice(offset === 0 ? 0 : offset + 1, -1)));
		}
	}
	const number = phone as PhoneNumber;
	found.set("people tag", Buffer.from(tags.people(number)));
	found.set("list tag", Buffer.from(tags.list(number)));
	found.set("book tag", Buffer.from(tags.book(number)));
	return found;
}

/** Which traces lie in which files, as "file: trace". */
async function found(family: TestFamily, phone: string, except: readonly string[] = []): Promise<readonly string[]> {
	const directory = family.directory ?? "";
	const wanted = await traces(directory, phone);
	const hits: string[] = [];
	for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		// A draft of the log of receipts may be gone by now.
		const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0));
		for (const [name, trace] of wanted)
			if (!except.includes(name) && bytes.includes(trace)) hits.push(`${entry.name}: ${name}`);
	}
	for (const [name, trace] of wanted)
		if (family.log.some((line) => Buffer.from(line).includes(trace))) hits.push(`log: ${name}`);
	return hits;
}

test("after an acknowledged recall no file holds the number, its hash or a tag of it", async () => {
	await using family = await startTestFamily({ stores: "sqlite", features: { ads: true } });
	const { bridge } = family;
	const bob = await family.signUp("Bob");
	const carla = await family.signUp("Carla");
	await bob.verify(BOB);
	await bob.choose(true);
	await bob.upload(CARLA);
	await carla.upload(BOB);
	const trother = newTrother();
	const number = { phone_number: CARLA };
	const device = { device_type: "desktop", os: "linux" };
	const link = { link_assertion: await carla.connect(), ...device, app_version: "0.1.0" };
	const outcomes = await bridge.deliver([
		await bridge.share(trother, { purpose: "account_linking", values: link }),
		await bridge.share(trother, { purpose: "friend_suggestions", values: number }),
		await bridge.share(trother, { purpose: "relevant_ads", values: { ...number, ...device } }),
	]);
	assert.deepEqual(outcomes, ["kept", "kept", "kept"]);
	assert.deepEqual([...(await bob.suggestions()).keys()], ["Carla"]);
	// The search finds what is there.
	const held = await found(family, CARLA);
	assert.ok(held.some((hit) => hit.endsWith(": list tag")) && held.some((hit) => hit.endsWith(": book tag")));
	assert.ok(!held.some((hit) => /plain|hex|base64|UTF-16|SHA-256|people/.test(hit)), held.join());

	assert.deepEqual(
		await bridge.deliver([
			await bridge.recall(trother, "relevant_ads"),
			await bridge.recall(trother, "friend_suggestions"),
			await bridge.recall(trother, "account_linking"),
		]),
		["recalled", "recalled", "recalled"],
	);
	// Bob's own address book has its fingerprint of the number, as before; nothing else has.
	assert.deepEqual(await found(family, CARLA, ["book tag"]), []);
	await bob.call("/api/address-book/delete", {});
	assert.deepEqual(await found(family, CARLA), []);
	assert.doesNotMatch(JSON.stringify(await carla.call("/api/about-me")), /desktop|linux|policyHash/);
});

test("what finds nobody, and what is refused, never touches the disk", async () => {
	await using family = await startTestFamily({ stores: "sqlite" });
	const { bridge } = family;
	await family.signUp("Dave");
	const trother = newTrother();
	const values = { phone_number: DAVE };
	const dropped = await bridge.share(trother, { purpose: "friend_suggestions", values });
	const refused = await bridge.share(trother, {
		purpose: "friend_suggestions",
		values,
		grant: { recipient: "photos" },
	});
	assert.deepEqual(await bridge.deliver([dropped, refused]), ["dropped", "refused: GRANT"]);
	assert.deepEqual(await found(family, DAVE), []);
	assert.deepEqual(await family.knows(DAVE), { known: false, items: [] });
});

test("a number that is only claimed, a number that was removed and a deleted account leave nothing", async () => {
	await using family = await startTestFamily({ stores: "sqlite" });
	const dave = await family.signUp("Dave");
	await dave.call("/api/phone", { phone: DAVE });
	assert.deepEqual(await found(family, DAVE), []);
	await dave.call("/api/phone/verify", { code: family.codes.get(DAVE) });
	await dave.choose(true);
	assert.ok((await found(family, DAVE)).length > 0);
	await dave.call("/api/phone/remove", {});
	assert.deepEqual(await found(family, DAVE), []);
	await dave.verify(DAVE);
	await dave.call("/api/delete-account", { password: "correct horse battery" });
	assert.deepEqual(await found(family, DAVE), []);
	for (const name of await readdir(family.directory ?? "")) {
		if (!name.startsWith("records")) continue;
		const bytes = await readFile(join(family.directory ?? "", name));
		assert.ok(!bytes.includes(dave.email) && !bytes.includes(dave.person), name);
	}
});
