/**
 * The two providers understand each other: alice on Node, bob in a browser. The browser's one uses only what Node has
 * too; `.dom.ts` files are not part of Node's type check, hence the import by address.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { CryptoProvider } from "ts-mls";
import { getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { bytes, DeviceLists, engine, NO_DATA, NOW_MS, newConversation, text } from "./_people.ts";
import { createMlsEngine } from "./mls-engine.ts";
import { nodeCryptoProvider } from "./provider.node.ts";
import { SUITE } from "./suite.ts";

const { domCryptoProvider } = (await import(new URL("./provider.dom.ts", import.meta.url).href)) as {
	domCryptoProvider: CryptoProvider;
};
const node = await nodeCryptoProvider.getCiphersuiteImpl(SUITE);
const dom = await domCryptoProvider.getCiphersuiteImpl(SUITE);
const pairs = [
	[node, dom],
	[dom, node],
] as const;

test("hashes, HKDF and HMAC agree for keys and outputs of all lengths", async () => {
	for (const length of [0, 1, 31, 64, 127, 128, 129, 300]) {
		const [key, data] = [randomBytes(length), randomBytes(length)];
		assert.deepEqual(await node.hash.digest(data), await dom.hash.digest(data));
		// MLS salts with secrets of the hash's size; the browser's library takes no others.
		const salt = randomBytes(64);
		assert.deepEqual(await node.kdf.extract(salt, data), await dom.kdf.extract(salt, data));
		if (length === 0) continue;
		assert.deepEqual(await node.hash.mac(key, data), await dom.hash.mac(key, data));
		assert.equal(await node.hash.verifyMac(key, await dom.hash.mac(key, data), data), true);
		assert.equal(await node.hash.verifyMac(key, randomBytes(64), data), false);
		assert.equal(await node.hash.verifyMac(key, randomBytes(5), data), false);
		const prk = randomBytes(64);
		assert.deepEqual(await node.kdf.expand(prk, data, length), await dom.kdf.expand(prk, data, length));
	}
	await assert.rejects(node.kdf.expand(randomBytes(64), bytes("info"), 255 * 64 + 1), RangeError);
});

test("X-Wing of OpenSSL and of the browser's library derive, seal, open and export alike", async () => {
	const seed = randomBytes(64);
	const info = bytes("info");
	for (const [one, other] of pairs) {
		const [mine, theirs] = [await one.hpke.deriveKeyPair(seed), await other.hpke.deriveKeyPair(seed)];
		const publicKey = await one.hpke.exportPublicKey(mine.publicKey);
		const privateKey = await one.hpke.exportPrivateKey(mine.privateKey);
		assert.deepEqual(publicKey, await other.hpke.exportPublicKey(theirs.publicKey));
		assert.deepEqual(privateKey, await other.hpke.exportPrivateKey(theirs.privateKey));
		const sealed = await one.hpke.seal(await one.hpke.importPublicKey(publicKey), bytes("secret"), info, bytes("aad"));
		const imported = await other.hpke.importPrivateKey(privateKey);
		assert.equal(text(await other.hpke.open(imported, sealed.enc, sealed.ct, info, bytes("aad"))), "secret");
		await assert.rejects(other.hpke.open(imported, sealed.enc, sealed.ct, info, bytes("other")));
		await assert.rejects(other.hpke.open(imported, sealed.enc.subarray(1), sealed.ct, info, bytes("aad")));
		const exported = await one.hpke.exportSecret(mine.publicKey, bytes("context"), 64, info);
		assert.deepEqual(
			await other.hpke.importSecret(imported, bytes("context"), exported.enc, 64, info),
			exported.secret,
		);
	}
});

test("signatures of one verify with the other, with the same raw keys", async () => {
	for (const [one, other] of pairs) {
		const { signKey, publicKey } = await one.signature.keygen();
		assert.equal(signKey.length, 32);
		const signature = await one.signature.sign(signKey, bytes("statement"));
		assert.deepEqual(await other.signature.sign(signKey, bytes("statement")), signature);
		assert.equal(await other.signature.verify(publicKey, bytes("statement"), signature), true);
		assert.equal(await other.signature.verify(publicKey, bytes("statement!"), signature), false);
	}
});

test("keys that are none are refused, not used", async () => {
	for (const suite of [node, dom]) {
		await assert.rejects(suite.hpke.importPublicKey(randomBytes(1215)));
		await assert.rejects(
			suite.hpke
				.importPrivateKey(randomBytes(31))
				.then((key) => suite.hpke.open(key, randomBytes(1120), randomBytes(40), NO_DATA)),
		);
	}
	// A point of small order gives everybody the same shared secret.
	const weak = await node.hpke.importPublicKey(
		Uint8Array.from([...(await validMlKemPublicKey()), ...new Uint8Array(32)]),
	);
	await assert.rejects(node.hpke.seal(weak, bytes("x"), NO_DATA));
});

async function validMlKemPublicKey(): Promise<Uint8Array> {
	const { publicKey } = await node.hpke.generateKeyPair();
	return (await node.hpke.exportPublicKey(publicKey)).subarray(0, 1184);
}

test("the browser's provider has the protocol's suite and says so about others", async () => {
	const other = getCiphersuiteFromName("MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519");
	await assert.rejects(domCryptoProvider.getCiphersuiteImpl(other), RangeError);
	const postQuantumSignature = getCiphersuiteFromName("MLS_256_XWING_AES256GCM_SHA512_MLDSA87");
	await assert.rejects(nodeCryptoProvider.getCiphersuiteImpl(postQuantumSignature), RangeError);
});

test("alice on Node and bob in a browser chat, commit and restore each other's states", async () => {
	const browser = createMlsEngine(domCryptoProvider);
	const lists = new DeviceLists();
	const [alice, bob] = [await lists.person("alice"), await lists.person("bob")];
	const own = await browser.newKeyPackage(bob.identity, bob.keys, NOW_MS, false);
	const start = await engine.createGroup(newConversation(), await alice.newKeyPackage(), alice.keys);
	const commit = await engine.commit(
		start,
		{ add: [own.message], remove: [], authenticatedData: NO_DATA, nowMs: NOW_MS },
		lists.authority,
	);
	assert.ok(commit.welcome);
	const atBob = await browser.join(commit.welcome, own.secret, commit.ratchetTree, lists.authority);
	assert.deepEqual(browser.epochAuthenticator(atBob), engine.epochAuthenticator(commit.next));

	const hello = await engine.encrypt(commit.next, bytes("hello from Node"), NO_DATA);
	const heard = await browser.process(atBob, hello.message, lists.authority);
	assert.ok(heard.kind === "application");
	assert.equal(text(heard.plaintext), "hello from Node");

	const update = await browser.commit(heard.next, { add: [], remove: [], authenticatedData: NO_DATA }, lists.authority);
	const seen = await engine.process(hello.next, update.commit, lists.authority);
	assert.deepEqual(engine.epochAuthenticator(seen.next), browser.epochAuthenticator(update.next));
	const moved = engine.encodeGroup(seen.next);
	const answer = await browser.encrypt(browser.decodeGroup(moved.tree, moved.state), bytes("and back"), NO_DATA);
	const read = await browser.process(update.next, answer.message, lists.authority);
	assert.ok(read.kind === "application");
	assert.equal(text(read.plaintext), "and back");
});
