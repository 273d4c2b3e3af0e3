/**
 * The signature schemes of the RFC 9420 suites: Ed25519 as everywhere in the project, the others over `node:crypto`.
 * Private keys are raw: seed or scalar.
 */
import {
	createECDH,
	createHash,
	createPrivateKey,
	createPublicKey,
	type KeyObject,
	randomBytes,
	sign,
	verify,
} from "node:crypto";
import { type Ed25519Key, ed25519Key, verifyEd25519 } from "@troth/protocol/ed25519.ts";
import type { Signature, SignatureAlgorithm } from "ts-mls";
import { privateKeyObject, publicKeyObject, rawPublicKey } from "./key-der.node.ts";
import { plain } from "./primitives.node.ts";

interface Scheme {
	/** What `sign` takes as the digest; null where the scheme hashes itself. */
	readonly digest: "sha256" | "sha384" | "sha512" | null;
	readonly secretBytes: number;
	importPrivate(raw: Uint8Array): KeyObject;
	importPublic(raw: Uint8Array): KeyObject;
	publicFrom(privateKey: Uint8Array): Uint8Array;
}

const ED448: Scheme = {
	digest: null,
	secretBytes: 57,
	importPrivate: (raw) => privateKeyObject("Ed448", raw),
	importPublic: (raw) => publicKeyObject("Ed448", raw),
	publicFrom: (raw) => rawPublicKey("Ed448", privateKeyObject("Ed448", raw)),
};

function ecdsa(curve: string, jwkCurve: string, digest: "sha256" | "sha384" | "sha512", fieldBytes: number): Scheme {
	const point = (uncompressed: Uint8Array) => {
		if (uncompressed.length !== 1 + 2 * fieldBytes || uncompressed[0] !== 4) {
			throw new RangeError("an uncompressed point is expected");
		}
		const coordinate = (start: number) =>
			Buffer.from(uncompressed.subarray(start, start + fieldBytes)).toString("base64url");
		return { kty: "EC", crv: jwkCurve, x: coordinate(1), y: coordinate(1 + fieldBytes) };
	};
	const publicFrom = (raw: Uint8Array) => {
		const ecdh = createECDH(curve);
		ecdh.setPrivateKey(raw);
		return plain(ecdh.getPublicKey());
	};
	return {
		digest,
		secretBytes: fieldBytes,
		importPrivate: (raw) =>
			createPrivateKey({
				key: { ...point(publicFrom(raw)), d: Buffer.from(raw).toString("base64url") },
				format: "jwk",
			}),
		importPublic: (raw) => createPublicKey({ key: point(raw), format: "jwk" }),
		publicFrom,
	};
}

const SCHEMES: Partial<Record<SignatureAlgorithm, Scheme>> = {
	Ed448: ED448,
	P256: ecdsa("prime256v1", "P-256", "sha256", 32),
	P384: ecdsa("secp384r1", "P-384", "sha384", 48),
	P521: ecdsa("secp521r1", "P-521", "sha512", 66),
};

const ED25519_SEED_BYTES = 32;

/** More keys than a group has leaves; the oldest go first. */
const KEYS_CACHED = 4096;

/** Importing a key costs as much as using it, so imported keys are kept. */
class KeyCache<Key> {
	readonly #keys = new Map<string, Key>();
	readonly #import: (raw: Uint8Array) => Key;

	constructor(importKey: (raw: Uint8Array) => Key) {
		this.#import = importKey;
	}

	get(raw: Uint8Array): Key {
		// Looked up by digest, so that no secret becomes a string that nothing can erase.
		const name = createHash("sha256").update(raw).digest("base64");
		let key = this.#keys.get(name);
		if (key === undefined) {
			key = this.#import(raw);
			if (this.#keys.size >= KEYS_CACHED) {
				for (const oldest of this.#keys.keys()) {
					this.#keys.delete(oldest);
					break;
				}
			}
			this.#keys.set(name, key);
		}
		return key;
	}
}

function ed25519Signature(): Signature {
	const keys = new KeyCache<Ed25519Key>(ed25519Key);
	return {
		sign: async (privateKey, message) => keys.get(privateKey).sign(message),
		verify: async (publicKey, message, signature) => verifyEd25519(publicKey, message, signature),
		async keygen() {
			const signKey = plain(randomBytes(ED25519_SEED_BYTES));
			return { signKey, publicKey: ed25519Key(signKey).publicKey };
		},
	};
}

/** Undefined where there is no such scheme. */
export function mlsSignature(algorithm: SignatureAlgorithm): Signature | undefined {
	if (algorithm === "Ed25519") return ed25519Signature();
	const scheme = SCHEMES[algorithm];
	if (scheme === undefined) return undefined;
	const privateKeys = new KeyCache(scheme.importPrivate);
	const publicKeys = new KeyCache(scheme.importPublic);
	return {
		sign: async (privateKey, message) => plain(sign(scheme.digest, message, privateKeys.get(privateKey))),
		async verify(publicKey, message, signature) {
			let key: KeyObject;
			try {
				key = publicKeys.get(publicKey);
			} catch {
				// Bytes that are no key verify nothing.
				return false;
			}
			return verify(scheme.digest, message, key, signature);
		},
		async keygen() {
			const signKey = plain(randomBytes(scheme.secretBytes));
			return { signKey, publicKey: scheme.publicFrom(signKey) };
		},
	};
}
