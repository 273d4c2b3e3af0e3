/** Three ways to sign and to verify, and one answer. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import * as fc from "fast-check";
import { withOpenssl, withSodium } from "./ed25519.node.ts";
import * as portable from "./ed25519.ts";
import { fromHex, toHex } from "./ids.ts";

const WAYS = [withSodium, withOpenssl, portable].filter((way) => way !== undefined);
const TEXT = new TextEncoder().encode("this is signed");
const P = 2n ** 255n - 19n;

/** 32 bytes, little endian; of a point, y with the sign of x. */
function encode(y: bigint, sign: 0 | 1): Uint8Array {
	const bytes = new Uint8Array(32);
	for (let at = 0; at < 32; at++) bytes[at] = Number((y >> BigInt(8 * at)) & 0xffn);
	bytes[31] = (bytes[31] ?? 0) | (sign << 7);
	return bytes;
}

function newKey() {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	const raw = new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url"));
	return { raw, sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)) };
}

test("all take what is signed and refuse what was changed by a bit", () => {
	const { raw, sign } = newKey();
	const signature = sign(TEXT);
	const flip = (bytes: Uint8Array, bit: number) =>
		bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
	for (const { verifyEd25519: verify } of WAYS) assert.ok(verify(raw, TEXT, signature));
	fc.assert(
		fc.property(fc.constantFrom("key", "text", "signature" as const), fc.nat({ max: 111 }), (which, bit) => {
			const changed = [
				which === "key" ? flip(raw, bit) : raw,
				which === "text" ? flip(TEXT, bit) : TEXT,
				which === "signature" ? flip(signature, bit) : signature,
			] as const;
			for (const { verifyEd25519: verify } of WAYS) assert.equal(verify(...changed), false);
		}),
		{ numRuns: 60 },
	);
});

test("a key of small order signs nothing", () => {
	// Under the neutral element anything of this form would verify: R = S·B. Under the others, one text in eight.
	const S = 12345n;
	const forged = new Uint8Array([...ed25519.Point.BASE.multiply(S).toBytes(), ...encode(S, 0)]);
	const small = ED25519_TORSION_SUBGROUP.map((point) => fromHex(point) ?? new Uint8Array());
	const unreduced = [P, P + 1n].flatMap((y) => [encode(y, 0), encode(y, 1)]);
	for (const key of [...small, ...unreduced])
		for (let text = 0; text < 32; text++)
			for (const { verifyEd25519: verify } of WAYS) assert.equal(verify(key, Uint8Array.of(text), forged), false);
	assert.ok(ed25519.verify(forged, TEXT, small[0] ?? new Uint8Array(), { zip215: true }), "a laxer rule takes it");
});

test("what has not the length of a key or a signature is none", () => {
	const { raw, sign } = newKey();
	for (const { verifyEd25519: verify, ed25519Key } of WAYS) {
		assert.equal(verify(raw.subarray(1), TEXT, sign(TEXT)), false);
		assert.equal(verify(raw, TEXT, sign(TEXT).subarray(1)), false);
		assert.throws(() => ed25519Key(raw.subarray(1)), RangeError);
	}
});

test("a seed is one key, and signs one signature (RFC 8032 section 7.1, tests 1 to 3)", () => {
	const vectors = [
		[
			"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
			"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
			"",
			"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
		],
		[
			"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
			"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
			"72",
			"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
		],
		[
			"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
			"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
			"af82",
			"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
		],
	] as const;
	assert.ok(WAYS.length >= 2);
	for (const [seed, publicKey, text, signature] of vectors)
		for (const { ed25519Key, verifyEd25519 } of WAYS) {
			const key = ed25519Key(bytesOf(seed));
			assert.equal(toHex(key.publicKey), publicKey);
			assert.equal(toHex(key.sign(bytesOf(text))), signature);
			assert.ok(verifyEd25519(key.publicKey, bytesOf(text), bytesOf(signature)));
		}
});

test("what one way signs the others take", () => {
	const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
	fc.assert(
		fc.property(bytes(32), fc.uint8Array({ maxLength: 300 }), (seed, text) => {
			const signed = WAYS.map(({ ed25519Key }) => ed25519Key(seed)).map(({ publicKey, sign }) => ({
				publicKey,
				signature: sign(text),
			}));
			for (const { publicKey, signature } of signed)
				for (const { verifyEd25519 } of WAYS) assert.ok(verifyEd25519(publicKey, text, signature));
		}),
		{ numRuns: 30 },
	);
});

function bytesOf(hex: string): Uint8Array {
	const bytes = fromHex(hex);
	assert.ok(bytes !== undefined);
	return bytes;
}
