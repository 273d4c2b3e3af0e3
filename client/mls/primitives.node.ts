/**
 * Hash, HKDF and AEAD over `node:crypto`, all synchronous: `crypto.subtle` goes through the thread pool for every
 * call, which costs an MLS message more than its cryptography does. The promises of ts-mls's interfaces are
 * resolved ones.
 */
import {
	type CipherGCMTypes,
	createCipheriv,
	createDecipheriv,
	createHash,
	createHmac,
	createSecretKey,
	type Hmac,
	timingSafeEqual,
} from "node:crypto";
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

/** Node 24 takes five times as long to find out that a key is bytes than to make a KeyObject of it first. */
function hmac(digest: DigestName, key: Uint8Array): Hmac {
	return createHmac(digest, createSecretKey(key));
}

export function hkdf(digest: DigestName): Hkdf {
	const size = Number.parseInt(digest.slice(3), 10) / 8;
	return {
		size,
		extract: (salt, inputKey) => plain(hmac(digest, salt).update(inputKey).digest()),
		expand(key, info, length) {
			const blocks = Math.ceil(length / size);
			if (blocks > 255) throw new RangeError("HKDF gives at most 255 blocks");
			if (blocks === 1) {
				return plain(hmac(digest, key).update(info).update(FIRST_BLOCK).digest()).subarray(0, length);
			}
			const output = new Uint8Array(blocks * size);
			let previous: Uint8Array = new Uint8Array(0);
			for (let block = 1; block <= blocks; block++) {
				previous = hmac(digest, key).update(previous).update(info).update(Uint8Array.of(block)).digest();
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
	const mac = (key: Uint8Array, data: Uint8Array) => plain(hmac(digest, key).update(data).digest());
	return {
		digest: async (data) => plain(createHash(digest).update(data).digest()),
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
