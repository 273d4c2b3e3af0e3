/** Two ways to verify a signature, and one answer. */
import assert from "node:assert/strict";
import { generateKeyPairSync, sign } from "node:crypto";
import { test } from "node:test";
import { ED25519_TORSION_SUBGROUP, ed25519 } from "@noble/curves/ed25519.js";
import { fromHex } from "@troth/protocol";
import * as fc from "fast-check";
import { verifyEd25519 as native } from "./verify-ed25519.node.ts";
import { verifyEd25519 as portable } from "./verify-ed25519.ts";

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

test("both take what is signed and refuse what was changed by a bit", () => {
	const { raw, sign } = newKey();
	const signature = sign(TEXT);
	const flip = (bytes: Uint8Array, bit: number) =>
		bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
	for (const verify of [native, portable]) assert.ok(verify(raw, TEXT, signature));
	fc.assert(
		fc.property(fc.constantFrom("key", "text", "signature" as const), fc.nat({ max: 111 }), (which, bit) => {
			const changed = [
				which === "key" ? flip(raw, bit) : raw,
				which === "text" ? flip(TEXT, bit) : TEXT,
				which === "signature" ? flip(signature, bit) : signature,
			] as const;
			assert.deepEqual([native(...changed), portable(...changed)], [false, false]);
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
			for (const verify of [native, portable]) assert.equal(verify(key, Uint8Array.of(text), forged), false);
	assert.ok(ed25519.verify(forged, TEXT, small[0] ?? new Uint8Array(), { zip215: true }), "a laxer rule takes it");
});

test("what has not the length of a key or a signature is none", () => {
	const { raw, sign } = newKey();
	for (const verify of [native, portable]) {
		assert.equal(verify(raw.subarray(1), TEXT, sign(TEXT)), false);
		assert.equal(verify(raw, TEXT, sign(TEXT).subarray(1)), false);
	}
	const seed = new Uint8Array(32).fill(3);
	assert.ok(native(ed25519.getPublicKey(seed), TEXT, ed25519.sign(TEXT, seed)), "what the portable code signed");
});
