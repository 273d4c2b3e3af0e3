import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId } from "@troth/protocol";
import { toHex } from "@troth/protocol";
import { cleanName, linkFingerprint, nameLink, readContactLink, writeContactLink } from "./contact-link.ts";

const ACCOUNT = "0123456789abcdef0123456789abcdef" as AccountId;
const KEY = "aa".repeat(32);
const TOKEN = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);

test("a link is read as it was written, whole or by its fragment, and its name may be anything", () => {
	const fingerprint = linkFingerprint(ACCOUNT, KEY);
	const link = writeContactLink("https://troth.example", TOKEN, fingerprint);
	assert.match(link, /^https:\/\/troth\.example\/#\/add\/[\w-]{48}$/);
	for (const [text, origin] of [
		[link, "https://troth.example"],
		[` ${link}\n`, "https://troth.example"],
		[link.slice(link.indexOf("#")), undefined],
	] as const) {
		const found = readContactLink(text);
		assert.ok(found !== undefined);
		assert.deepEqual(
			[found.origin, toHex(found.token), found.fingerprint, found.name],
			[origin, toHex(TOKEN), fingerprint, undefined],
		);
	}
	for (const name of ["Alice", "Zoë & Co?n=#/", "爱丽丝", "👩‍👩‍👧"])
		assert.equal(readContactLink(nameLink(link, name))?.name, name);
	assert.equal(nameLink(link, " \u202e "), link);
});

test("the fingerprint is that of one key of one account", () => {
	const other = "1".repeat(32) as AccountId;
	const all = [linkFingerprint(ACCOUNT, KEY), linkFingerprint(other, KEY), linkFingerprint(ACCOUNT, "ab".repeat(32))];
	assert.equal(new Set(all).size, 3);
	assert.ok(all.every((one) => /^[0-9a-f]{40}$/.test(one)));
});

test("what is no link is none", () => {
	const link = writeContactLink("https://troth.example", TOKEN, linkFingerprint(ACCOUNT, KEY));
	for (const none of [
		"",
		"#/add/",
		link.slice(0, -1),
		`${link}A`,
		link.replace("/#/", "/x#/"),
		link.replace("/#/", "/?a=b#/"),
		`javascript:${link}`,
		`${link}?n=${"a".repeat(3_000)}`,
		`${link}?x=y`,
	])
		assert.equal(readContactLink(none), undefined, none);
	assert.equal(readContactLink(`${link}?n=%`)?.name, undefined);
});

test("names are one line of what can be seen", () => {
	assert.equal(cleanName(" Al\u0000i\tce\n "), "Al i ce");
	assert.equal(cleanName("\u2066evil\u2069"), "evil");
	assert.equal([...cleanName("🙂".repeat(100))].length, 64);
});
