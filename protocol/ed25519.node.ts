/**
 * Ed25519 (RFC 8032) on Node: with libsodium, which takes half as long as Node's own OpenSSL, needs no imported key,
 * and is about twenty times as fast as JavaScript. Logins, shares and every message of a device are signed: servers
 * and devices do little else so often. Where libsodium has no build for the machine (Alpine), OpenSSL does it.
 */
import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { Ed25519Key } from "./ed25519.ts";
import { sodium } from "./sodium.node.ts";

export type { Ed25519Key };

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** One way of doing it; both give the same answers. */
export interface Ed25519 {
	/** The key of this seed: 32 bytes, the private key of RFC 8032. Throws RangeError for another length. */
	readonly ed25519Key: (seed: Uint8Array) => Ed25519Key;
	/** Is this an Ed25519 signature of the bytes? Strict as in RFC 8032: small-order keys sign nothing. */
	readonly verifyEd25519: (publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array) => boolean;
}

function checkSeed(seed: Uint8Array): void {
	if (seed.length !== KEY_BYTES) throw new RangeError("a seed has 32 bytes");
}

/** PKCS #8 of an Ed25519 seed is these bytes and the seed (RFC 8410 section 7). */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

export const withOpenssl: Ed25519 = {
	ed25519Key(seed) {
		checkSeed(seed);
		const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
		const { x = "" } = createPublicKey(key).export({ format: "jwk" });
		return {
			publicKey: new Uint8Array(Buffer.from(x, "base64url")),
			sign: (bytes) => new Uint8Array(sign(null, bytes, key)),
		};
	},
	verifyEd25519(publicKey, bytes, signature) {
		if (publicKey.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
		try {
			const x = Buffer.from(publicKey).toString("base64url");
			// As a JWK, because OpenSSL takes ten times as long over the same key as DER or PEM.
			const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
			return verify(null, bytes, key, signature);
		} catch {
			return false;
		}
	},
};

/** Undefined where it can not be loaded. */
export const withSodium: Ed25519 | undefined = sodium && overSodium(sodium);

function overSodium(library: NonNullable<typeof sodium>): Ed25519 {
	return {
		ed25519Key(seed) {
			checkSeed(seed);
			const publicKey = new Uint8Array(KEY_BYTES);
			const secret = new Uint8Array(library.crypto_sign_SECRETKEYBYTES);
			library.crypto_sign_seed_keypair(publicKey, secret, seed);
			return {
				publicKey,
				sign(bytes) {
					const signature = new Uint8Array(SIGNATURE_BYTES);
					library.crypto_sign_detached(signature, bytes, secret);
					return signature;
				},
			};
		},
		verifyEd25519: (publicKey, bytes, signature) =>
			publicKey.length === KEY_BYTES &&
			signature.length === SIGNATURE_BYTES &&
			library.crypto_sign_verify_detached(signature, bytes, publicKey),
	};
}

export const { ed25519Key, verifyEd25519 } = withSodium ?? withOpenssl;
