/**
 * CryptoProvider for browsers, made for a Worker: WebCrypto for hashing, HKDF, AES-GCM and Ed25519, and
 * `@hpke/hybridkem-x-wing` for the KEM, which no browser has. Only the protocol's own suite, loaded when it is first
 * used, so that a page which never encrypts does not pay for it.
 */
import { ed25519Key, verifyEd25519 } from "@troth/protocol/ed25519.ts";
import type { Ciphersuite, CiphersuiteImpl, CryptoProvider, Signature } from "ts-mls";
import { SUITE_NAME } from "./suite.ts";

export const domCryptoProvider: CryptoProvider = {
	/** Rejects with RangeError for other suites than the protocol's. */
	async getCiphersuiteImpl(suite: Ciphersuite): Promise<CiphersuiteImpl> {
		if (suite.name !== SUITE_NAME) throw new RangeError(`this provider does not have the suite ${suite.name}`);
		const [{ Aes256Gcm, CipherSuite, HkdfSha512 }, { XWing }, { makeGenericHpke }, { makeKdfImpl }, { makeHashImpl }] =
			await Promise.all([
				import("@hpke/core"),
				import("@hpke/hybridkem-x-wing"),
				import("ts-mls/crypto/implementation/hpke.js"),
				import("ts-mls/crypto/implementation/default/makeKdfImpl.js"),
				import("ts-mls/crypto/implementation/default/makeHashImpl.js"),
			]);
		const hpke = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha512(), aead: new Aes256Gcm() });
		return {
			name: suite.name,
			hash: makeHashImpl(crypto.subtle, suite.hash),
			kdf: makeKdfImpl(new HkdfSha512()),
			hpke: await makeGenericHpke(suite.hpke, aes256Gcm, hpke),
			signature: (await webCryptoHasEd25519()) ? webCryptoEd25519() : portableEd25519(),
			rng: { randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)) },
		};
	},
};

type Bytes = Uint8Array<ArrayBuffer>;
/** Views of shared memory are not accepted by WebCrypto; ours never are. */
const plain = (bytes: Uint8Array): Bytes => bytes as Bytes;

const aes256Gcm = {
	async encrypt(key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array, plaintext: Uint8Array) {
		const imported = await importAes(key, "encrypt");
		return new Uint8Array(await crypto.subtle.encrypt(gcm(nonce, additionalData), imported, plain(plaintext)));
	},
	async decrypt(key: Uint8Array, nonce: Uint8Array, additionalData: Uint8Array, ciphertext: Uint8Array) {
		const imported = await importAes(key, "decrypt");
		return new Uint8Array(await crypto.subtle.decrypt(gcm(nonce, additionalData), imported, plain(ciphertext)));
	},
};

function gcm(nonce: Uint8Array, additionalData: Uint8Array): AesGcmParams {
	return { name: "AES-GCM", iv: plain(nonce), additionalData: plain(additionalData) };
}

function importAes(key: Uint8Array, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
	return crypto.subtle.importKey("raw", plain(key), "AES-GCM", false, [usage]);
}

const SEED_BYTES = 32;
/** PKCS #8 of an Ed25519 seed (RFC 8410 section 7) up to the seed. */
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32);

/** Browsers learned Ed25519 between 2023 and 2025. */
async function webCryptoHasEd25519(): Promise<boolean> {
	try {
		await crypto.subtle.importKey("raw", new Uint8Array(32).fill(1), "Ed25519", false, ["verify"]);
		return true;
	} catch {
		return false;
	}
}

function webCryptoEd25519(): Signature {
	// By identity: a state's key stays the same array as long as the state lives. Nothing secret becomes a map key.
	const privateKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
	const publicKeys = new WeakMap<Uint8Array, Promise<CryptoKey>>();
	return {
		async sign(seed, message) {
			const key = await cached(privateKeys, seed, () => importSeed(seed));
			return new Uint8Array(await crypto.subtle.sign("Ed25519", key, plain(message)));
		},
		async verify(publicKey, message, signature) {
			const key = await cached(publicKeys, publicKey, () =>
				crypto.subtle.importKey("raw", plain(publicKey), "Ed25519", false, ["verify"]),
			);
			return crypto.subtle.verify("Ed25519", key, plain(signature), plain(message));
		},
		async keygen() {
			const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
			const [publicKey, pkcs8] = await Promise.all([
				crypto.subtle.exportKey("raw", pair.publicKey),
				crypto.subtle.exportKey("pkcs8", pair.privateKey),
			]);
			return { publicKey: new Uint8Array(publicKey), signKey: new Uint8Array(pkcs8).slice(-SEED_BYTES) };
		},
	};
}

function cached(
	keys: WeakMap<Uint8Array, Promise<CryptoKey>>,
	bytes: Uint8Array,
	importKey: () => Promise<CryptoKey>,
): Promise<CryptoKey> {
	let key = keys.get(bytes);
	if (key === undefined) {
		key = importKey();
		keys.set(bytes, key);
	}
	return key;
}

function importSeed(seed: Uint8Array): Promise<CryptoKey> {
	if (seed.length !== SEED_BYTES) throw new RangeError("a private key of Ed25519 has 32 bytes");
	const pkcs8 = new Uint8Array(PKCS8_PREFIX.length + SEED_BYTES);
	pkcs8.set(PKCS8_PREFIX);
	pkcs8.set(seed, PKCS8_PREFIX.length);
	return crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", false, ["sign"]);
}

function portableEd25519(): Signature {
	return {
		sign: async (seed, message) => ed25519Key(seed).sign(message),
		verify: async (publicKey, message, signature) => verifyEd25519(publicKey, message, signature),
		async keygen() {
			const signKey = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
			return { signKey, publicKey: ed25519Key(signKey).publicKey };
		},
	};
}
