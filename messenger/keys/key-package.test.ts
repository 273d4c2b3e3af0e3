import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type AccountId, isRefusal, LIMITS, type RefusalCode, toHex } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { decodeMlsMessage, encodeMlsMessage, type KeyPackage } from "ts-mls";
import type { Signature } from "ts-mls/crypto/signature.js";
import { signKeyPackage } from "ts-mls/keyPackage.js";
import type { LeafNodeKeyPackage } from "ts-mls/leafNode.js";
import { newDevice, newKeyPackages } from "../_identities.ts";
import { checkKeyPackage, checkKeyPackages } from "./key-package.ts";

const clock = new ManualClock();
const account = toHex(randomBytes(16)) as AccountId;
const alice = newDevice();
const owner = { account, device: alice.device, signatureKey: alice.signer.publicKey };
const [good = new Uint8Array(), second = new Uint8Array()] = await newKeyPackages(2, account, alice, clock);
const nowS = BigInt(Math.floor(clock.now() / 1000));
const DAY_S = 24n * 3600n;

async function refused(message: Uint8Array, code: RefusalCode = "KEY_PACKAGE_INVALID"): Promise<void> {
	await assert.rejects(checkKeyPackage(message, owner, clock.now()), (error) => isRefusal(error, code));
}

function changed(message: Uint8Array, change: (keyPackage: KeyPackage) => KeyPackage): Uint8Array {
	const decoded = decodeMlsMessage(message, 0)?.[0];
	assert.ok(decoded?.wireformat === "mls_key_package");
	return encodeMlsMessage({ ...decoded, keyPackage: change(decoded.keyPackage) });
}

test("a key package that a real client made is taken, with the end of its life", async () => {
	const [first, other] = await checkKeyPackages([good, second], owner, clock.now());
	assert.equal(first?.expiresAtMs, Number(nowS + 29n * DAY_S) * 1000);
	assert.notEqual(first?.digest, other?.digest);
});

test("one of another device, account or key is refused", async () => {
	const [bobs = new Uint8Array()] = await newKeyPackages(1, account, newDevice(), clock);
	await refused(bobs);
	const [elsewhere = new Uint8Array()] = await newKeyPackages(1, toHex(randomBytes(16)) as AccountId, alice, clock);
	await refused(elsewhere);
	const stolenName = { device: alice.device, signer: newDevice().signer };
	const [ghost = new Uint8Array()] = await newKeyPackages(1, account, stolenName, clock);
	await refused(ghost);
});

test("one whose signatures do not cover what it says is refused", async () => {
	// The outer signature covers everything; the leaf travels on alone, so its own has to hold as well.
	await refused(changed(good, (keyPackage) => ({ ...keyPackage, initKey: randomBytes(keyPackage.initKey.length) })));
	await refused(changed(good, (keyPackage) => ({ ...keyPackage, signature: new Uint8Array(64) })));
	const leafOfSecond = decodeMlsMessage(second, 0)?.[0];
	assert.ok(leafOfSecond?.wireformat === "mls_key_package");
	await refused(changed(good, (keyPackage) => ({ ...keyPackage, leafNode: leafOfSecond.keyPackage.leafNode })));
	const unsignedLeaf = await signedAnew(good, (leaf) => ({ ...leaf, signature: leaf.signature.toReversed() }));
	await refused(unsignedLeaf);
	await checkKeyPackage(await signedAnew(good, (leaf) => leaf), owner, clock.now());
});

/** Another leaf, and alice's own signature over the whole. */
async function signedAnew(message: Uint8Array, change: (leaf: LeafNodeKeyPackage) => LeafNodeKeyPackage) {
	const decoded = decodeMlsMessage(message, 0)?.[0];
	assert.ok(decoded?.wireformat === "mls_key_package");
	const body = { ...decoded.keyPackage, leafNode: change(decoded.keyPackage.leafNode) };
	const signature = { sign: async (_key: Uint8Array, bytes: Uint8Array) => alice.signer.sign(bytes) };
	const keyPackage = await signKeyPackage(body, new Uint8Array(), signature as Signature);
	return encodeMlsMessage({ ...decoded, keyPackage });
}

test("one for another suite is refused by name", async () => {
	const suite = "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519";
	const [weak = new Uint8Array()] = await newKeyPackages(1, account, alice, clock, { suite });
	await refused(weak, "CIPHER_SUITE_UNSUPPORTED");
});

test("its life has to have begun, to last, and not to last for ever", async () => {
	const lives = [
		{ notBefore: nowS - 40n * DAY_S, notAfter: nowS - 1n },
		{ notBefore: nowS + 2n * DAY_S, notAfter: nowS + 9n * DAY_S },
		{ notBefore: 0n, notAfter: nowS + DAY_S },
		{ notBefore: nowS, notAfter: 2n ** 63n },
	];
	for (const life of lives) {
		const [message = new Uint8Array()] = await newKeyPackages(1, account, alice, clock, life);
		await refused(message);
	}
	const longest = { notBefore: nowS, notAfter: nowS + BigInt(LIMITS.keyPackageLifetimeMs / 1000) };
	const [message = new Uint8Array()] = await newKeyPackages(1, account, alice, clock, longest);
	await checkKeyPackage(message, owner, clock.now());
});

test("bytes behind it, another wire format, or a longer spelling are refused", async () => {
	await refused(Buffer.concat([good, Buffer.from([0])]));
	await refused(Buffer.concat([Buffer.from([0, 1, 0, 3]), good.subarray(4)]));
	// A length that fits into two bytes, spelled with four (RFC 9000 section 16 allows it, RFC 9420 section 2.1.2 not).
	const initKeyLength = good.subarray(8, 10);
	assert.deepEqual([...initKeyLength], [0x44, 0xc0]);
	await refused(Buffer.concat([good.subarray(0, 8), Buffer.from([0x80, 0, 0x04, 0xc0]), good.subarray(10)]));
	await refused(new Uint8Array(LIMITS.keyPackageBytes + 1));
});

test("any bytes, and any damage to good ones, are refused without a crash", async () => {
	const damaged = fc
		.record({ at: fc.nat(good.length - 1), flip: fc.integer({ min: 1, max: 255 }) })
		.map(({ at, flip }) => Uint8Array.from(good, (byte, index) => (index === at ? byte ^ flip : byte)));
	const cut = fc.nat(good.length - 1).map((length) => good.subarray(0, length));
	const noise = fc.uint8Array({ maxLength: 512 }).map((bytes) => Buffer.concat([Buffer.from([0, 1, 0, 5]), bytes]));
	await fc.assert(
		fc.asyncProperty(fc.oneof(damaged, cut, noise, fc.uint8Array()), async (message) => {
			const error = await checkKeyPackage(message, owner, clock.now()).then(
				() => assert.fail("it was taken"),
				(reason: unknown) => reason,
			);
			assert.ok(isRefusal(error, "KEY_PACKAGE_INVALID", "CIPHER_SUITE_UNSUPPORTED"), String(error));
		}),
		{ numRuns: rounds(300) },
	);
});
