/**
 * Hash, HKDF and AEAD, all synchronous: `crypto.subtle` goes through the thread pool for every call, which costs an
 * MLS message more than its cryptography does. The promises of ts-mls's interfaces are resolved ones. What is small
 * and under SHA-512 is done by libsodium, where the objects of `node:crypto` cost more than the hash.
 */
import {
	type CipherGCMTypes,
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createSecretKey,
	timingSafeEqual,
} from "node:crypto";
import { sodium } from "@troth/protocol/sodium.node.ts";
import type { AeadAlgorithm, Hash, HashAlgorithm, Kdf, KdfAlgorithm } from "ts-mls";

export type DigestName = "sha256" | "sha384" | "sha512";

/** HKDF (RFC 5869) under one hash. */
export interface Hkdf {
	readonly size: number;
	extract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array;
	expand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

/** AEAD with a tag of 16 bytes appended (RFC 5116). `open` throws on a wrong tag. */
export interface SyncAead {
	readonly keyBytes: number;
	readonly nonceBytes: number;
	seal(key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array): Uint8Array;
	open(key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array): Uint8Array;
}

const TAG_BYTES = 16;
const NONCE_BYTES = 12;

/** A plain view: `Buffer.prototype.slice` shares memory where `Uint8Array.prototype.slice` copies. */
export function plain(buffer: Uint8Array): Uint8Array {
	return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
	return plain(Buffer.concat(parts));
}

/** HMAC (RFC 2104) of the parts, one after the other. */
type Mac = (key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;

function hmac(digest: DigestName): Mac {
	const withNode: Mac = (key, ...parts) => {
		// Node 24 takes five times as long to find out that a key is bytes than to make a KeyObject of it first.
		const made = createHmac(digest, createSecretKey(key));
		for (const part of parts) made.update(part);
		return plain(made.digest());
	};
	return digest === "sha512" && sodium !== undefined ? hmacSha512(sodium, withNode) : withNode;
}

const SHA512_BYTES = 64;
const SHA512_BLOCK_BYTES = 128;
/** Above this, hashing costs more than objects do. */
const SMALL_BYTES = 4096;

/** Written out over two hashes; what is too long for its buffers goes to `otherwise`. */
function hmacSha512({ crypto_hash_sha512: sha512 }: NonNullable<typeof sodium>, otherwise: Mac): Mac {
	// Used again by each call, which is safe because none waits for anything, and erased by it: both hold secrets.
	const inner = new Uint8Array(SHA512_BLOCK_BYTES + SMALL_BYTES);
	const outer = new Uint8Array(SHA512_BLOCK_BYTES + SHA512_BYTES);
	const innerHash = outer.subarray(SHA512_BLOCK_BYTES);
	return (key, ...parts) => {
		const end = parts.reduce((sum, part) => sum + part.length, SHA512_BLOCK_BYTES);
		if (key.length > SHA512_BLOCK_BYTES || end > inner.length) return otherwise(key, ...parts);
		inner.fill(0x36, 0, SHA512_BLOCK_BYTES);
		outer.fill(0x5c, 0, SHA512_BLOCK_BYTES);
		for (let at = 0; at < key.length; at++) {
			const byte = key[at] as number;
			inner[at] = byte ^ 0x36;
			outer[at] = byte ^ 0x5c;
		}
		let at = SHA512_BLOCK_BYTES;
		for (const part of parts) {
			inner.set(part, at);
			at += part.length;
		}
		sha512(innerHash, inner.subarray(0, end));
		const tag = new Uint8Array(SHA512_BYTES);
		sha512(tag, outer);
		inner.fill(0, 0, end);
		outer.fill(0);
		return tag;
	};
}

function digestOf(digest: DigestName): (data: Uint8Array) => Uint8Array {
	const withNode = (data: Uint8Array) => plain(createHash(digest).update(data).digest());
	const sha512 = digest === "sha512" ? sodium?.crypto_hash_sha512 : undefined;
	if (sha512 === undefined) return withNode;
	return (data) => {
		if (data.length > SMALL_BYTES) return withNode(data);
		const output = new Uint8Array(SHA512_BYTES);
		sha512(output, data);
		return output;
	};
}

export function hkdf(digest: DigestName): Hkdf {
	const size = Number.parseInt(digest.slice(3), 10) / 8;
	const mac = hmac(digest);
	return {
		size,
		extract: (salt, inputKey) => mac(salt, inputKey),
		expand(key, info, length) {
			const blocks = Math.ceil(length / size);
			if (blocks > 255) throw new RangeError("HKDF gives at most 255 blocks");
			if (blocks === 1) return mac(key, info, FIRST_BLOCK).subarray(0, length);
			const output = new Uint8Array(blocks * size);
			let previous: Uint8Array = new Uint8Array(0);
			for (let block = 1; block <= blocks; block++) {
				previous = mac(key, previous, info, Uint8Array.of(block));
				output.set(previous, (block - 1) * size);
			}
			return output.subarray(0, length);
		},
	};
}

const FIRST_BLOCK = Uint8Array.of(1);

const CIPHERS = {
	AES128GCM: { name: "aes-128-gcm", keyBytes: 16 },
	AES256GCM: { name: "aes-256-gcm", keyBytes: 32 },
	CHACHA20POLY1305: { name: "chacha20-poly1305", keyBytes: 32 },
} as const satisfies Record<AeadAlgorithm, { name: string; keyBytes: number }>;

export function aead(algorithm: AeadAlgorithm): SyncAead {
	const { name, keyBytes } = CIPHERS[algorithm];
	// The typings know GCM and ChaCha20-Poly1305 apart; they take the same options.
	const cipherName = name as CipherGCMTypes;
	const options = { authTagLength: TAG_BYTES };
	return {
		keyBytes,
		nonceBytes: NONCE_BYTES,
		seal(key, nonce, additionalData, plaintext) {
			const cipher = createCipheriv(cipherName, createSecretKey(key), nonce, options);
			if (additionalData.length > 0) cipher.setAAD(additionalData);
			return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
		},
		open(key, nonce, additionalData, ciphertext) {
			if (ciphertext.length < TAG_BYTES) throw new RangeError("a ciphertext shorter than its tag");
			const body = ciphertext.length - TAG_BYTES;
			const decipher = createDecipheriv(cipherName, createSecretKey(key), nonce, options);
			if (additionalData.length > 0) decipher.setAAD(additionalData);
			decipher.setAuthTag(ciphertext.subarray(body));
			return concat(decipher.update(ciphertext.subarray(0, body)), decipher.final());
		},
	};
}

export const DIGESTS = {
	"SHA-256": "sha256",
	"SHA-384": "sha384",
	"SHA-512": "sha512",
} as const satisfies Record<HashAlgorithm, DigestName>;
export const KDF_DIGESTS = {
	"HKDF-SHA256": "sha256",
	"HKDF-SHA384": "sha384",
	"HKDF-SHA512": "sha512",
} as const satisfies Record<KdfAlgorithm, DigestName>;

export function mlsHash(algorithm: HashAlgorithm): Hash {
	const digest = DIGESTS[algorithm];
	const [hash, mac] = [digestOf(digest), hmac(digest)];
	return {
		digest: async (data) => hash(data),
		mac: async (key, data) => mac(key, data),
		verifyMac: async (key, tag, data) => {
			const expected = mac(key, data);
			return tag.length === expected.length && timingSafeEqual(tag, expected);
		},
	};
}

export function mlsKdf(algorithm: KdfAlgorithm): Kdf {
	const sync = hkdf(KDF_DIGESTS[algorithm]);
	return {
		size: sync.size,
		extract: async (salt, inputKey) => sync.extract(salt, inputKey),
		expand: async (key, info, length) => sync.expand(key, info, length),
	};
}
