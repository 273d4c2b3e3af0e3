/** HPKE (RFC 9180), base mode, single shot, over a `Kem` and the synchronous AEADs. */
import { randomBytes } from "node:crypto";
import type { AeadAlgorithm, Hpke, HpkeAlgorithm, KdfAlgorithm, PrivateKey, PublicKey } from "ts-mls";
import { type Kem, kem, labeledHkdf } from "./kem.node.ts";
import { aead, concat, KDF_DIGESTS } from "./primitives.node.ts";

/** IANA registries "HPKE KDF Identifiers" and "HPKE AEAD Identifiers". */
const KDF_IDS: Record<KdfAlgorithm, number> = { "HKDF-SHA256": 1, "HKDF-SHA384": 2, "HKDF-SHA512": 3 };
const AEAD_IDS: Record<AeadAlgorithm, number> = { AES128GCM: 1, AES256GCM: 2, CHACHA20POLY1305: 3 };
const EMPTY = new Uint8Array(0);
const BASE_MODE = Uint8Array.of(0);

/** ts-mls's key types are CryptoKeys, which it only passes back to us; ours hold the raw bytes. */
class RawKey {
	readonly type: "public" | "private";
	readonly bytes: Uint8Array;
	constructor(type: "public" | "private", bytes: Uint8Array) {
		this.type = type;
		this.bytes = bytes;
	}
}
const asPublic = (bytes: Uint8Array) => new RawKey("public", bytes) as unknown as PublicKey;
const asPrivate = (bytes: Uint8Array) => new RawKey("private", bytes) as unknown as PrivateKey;
const raw = (key: PublicKey | PrivateKey) => (key as unknown as RawKey).bytes;

/** Undefined where the provider has no such KEM. */
export function mlsHpke(algorithm: HpkeAlgorithm): Hpke | undefined {
	const mechanism = kem(algorithm.kem);
	return mechanism && makeHpke(algorithm, mechanism);
}

function makeHpke(algorithm: HpkeAlgorithm, mechanism: Kem): Hpke {
	const cipher = aead(algorithm.aead);
	const ids = [mechanism.id, KDF_IDS[algorithm.kdf], AEAD_IDS[algorithm.aead]];
	const kdf = labeledHkdf(
		KDF_DIGESTS[algorithm.kdf],
		concat(new TextEncoder().encode("HPKE"), Uint8Array.from(ids.flatMap((id) => [id >> 8, id & 255]))),
	);
	const pskIdHash = kdf.extract(EMPTY, "psk_id_hash", EMPTY);

	/** RFC 9180 section 5.1; the sequence number stays 0, so the base nonce is the nonce. */
	const schedule = (sharedSecret: Uint8Array, info: Uint8Array) => {
		const context = concat(BASE_MODE, pskIdHash, kdf.extract(EMPTY, "info_hash", info));
		const secret = kdf.extract(sharedSecret, "secret", EMPTY);
		return {
			key: () => kdf.expand(secret, "key", context, cipher.keyBytes),
			nonce: () => kdf.expand(secret, "base_nonce", context, cipher.nonceBytes),
			export: (exporterContext: Uint8Array, length: number) =>
				kdf.expand(kdf.expand(secret, "exp", context, kdf.size), "sec", exporterContext, length),
		};
	};
	const keyPair = (privateKey: Uint8Array) => ({
		privateKey: asPrivate(privateKey),
		publicKey: asPublic(mechanism.publicFrom(privateKey)),
	});

	return {
		keyLength: cipher.keyBytes,
		nonceLength: cipher.nonceBytes,
		async seal(publicKey, plaintext, info, additionalData) {
			const { sharedSecret, encapsulated } = mechanism.encapsulate(raw(publicKey));
			const context = schedule(sharedSecret, info);
			return { ct: cipher.seal(context.key(), context.nonce(), additionalData ?? EMPTY, plaintext), enc: encapsulated };
		},
		async open(privateKey, kemOutput, ciphertext, info, additionalData) {
			const context = schedule(mechanism.decapsulate(raw(privateKey), kemOutput), info);
			return cipher.open(context.key(), context.nonce(), additionalData ?? EMPTY, ciphertext);
		},
		async exportSecret(publicKey, exporterContext, length, info) {
			const { sharedSecret, encapsulated } = mechanism.encapsulate(raw(publicKey));
			return { enc: encapsulated, secret: schedule(sharedSecret, info).export(exporterContext, length) };
		},
		importSecret: async (privateKey, exporterContext, kemOutput, length, info) =>
			schedule(mechanism.decapsulate(raw(privateKey), kemOutput), info).export(exporterContext, length),
		importPrivateKey: async (bytes) => asPrivate(bytes),
		async importPublicKey(bytes) {
			mechanism.checkPublic(bytes);
			return asPublic(bytes);
		},
		exportPublicKey: async (key) => raw(key),
		exportPrivateKey: async (key) => raw(key),
		encryptAead: async (key, nonce, additionalData, plaintext) =>
			cipher.seal(key, nonce, additionalData ?? EMPTY, plaintext),
		decryptAead: async (key, nonce, additionalData, ciphertext) =>
			cipher.open(key, nonce, additionalData ?? EMPTY, ciphertext),
		deriveKeyPair: async (inputKey) => keyPair(mechanism.derivePrivate(inputKey)),
		generateKeyPair: async () => keyPair(mechanism.derivePrivate(randomBytes(mechanism.privateBytes))),
	};
}
