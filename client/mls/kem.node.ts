/** Key encapsulation for HPKE over `node:crypto`: DHKEM (RFC 9180 section 4.1) and X-Wing. */
import {
	createECDH,
	createHash,
	createPublicKey,
	decapsulate,
	diffieHellman,
	encapsulate,
	type KeyObject,
	randomBytes,
} from "node:crypto";
import type { KemAlgorithm } from "ts-mls";
import { privateKeyObject, publicKeyObject, rawPublicKey } from "./key-der.node.ts";
import { concat, type DigestName, hkdf, plain } from "./primitives.node.ts";

/** A key encapsulation mechanism over raw keys, as HPKE uses it. All of it throws on keys that are none. */
export interface Kem {
	/** Of the IANA registry "HPKE KEM Identifiers". */
	readonly id: number;
	readonly privateBytes: number;
	/** The public half; also the check that `privateKey` is one. */
	publicFrom(privateKey: Uint8Array): Uint8Array;
	checkPublic(publicKey: Uint8Array): void;
	derivePrivate(inputKey: Uint8Array): Uint8Array;
	encapsulate(publicKey: Uint8Array): { readonly sharedSecret: Uint8Array; readonly encapsulated: Uint8Array };
	decapsulate(privateKey: Uint8Array, encapsulated: Uint8Array): Uint8Array;
}

const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);

/** LabeledExtract and LabeledExpand of RFC 9180 section 4. */
export function labeledHkdf(digest: DigestName, suiteId: Uint8Array) {
	const base = hkdf(digest);
	const version = encoder.encode("HPKE-v1");
	return {
		size: base.size,
		extract: (salt: Uint8Array, label: string, inputKey: Uint8Array) =>
			base.extract(salt, concat(version, suiteId, encoder.encode(label), inputKey)),
		expand: (key: Uint8Array, label: string, info: Uint8Array, length: number) =>
			base.expand(
				key,
				concat(Uint8Array.of(length >> 8, length & 255), version, suiteId, encoder.encode(label), info),
				length,
			),
	};
}

interface Group {
	readonly id: number;
	readonly digest: DigestName;
	readonly privateBytes: number;
	publicFrom(privateKey: Uint8Array): Uint8Array;
	checkPublic(publicKey: Uint8Array): void;
	agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
	/** RFC 9180 section 7.1.3, after dkp_prk. */
	privateFrom(expand: (label: string, info: Uint8Array, length: number) => Uint8Array): Uint8Array;
}

function dhkem(group: Group): Kem {
	const kdf = labeledHkdf(group.digest, concat(encoder.encode("KEM"), Uint8Array.of(group.id >> 8, group.id & 255)));
	const sharedSecret = (dh: Uint8Array, encapsulated: Uint8Array, recipient: Uint8Array) =>
		kdf.expand(kdf.extract(EMPTY, "eae_prk", dh), "shared_secret", concat(encapsulated, recipient), kdf.size);
	const derivePrivate = (inputKey: Uint8Array) => {
		const key = kdf.extract(EMPTY, "dkp_prk", inputKey);
		return group.privateFrom((label, info, length) => kdf.expand(key, label, info, length));
	};
	return {
		id: group.id,
		privateBytes: group.privateBytes,
		publicFrom: group.publicFrom,
		checkPublic: group.checkPublic,
		derivePrivate,
		encapsulate(publicKey) {
			const ephemeral = derivePrivate(randomBytes(group.privateBytes));
			const encapsulated = group.publicFrom(ephemeral);
			const dh = group.agree(ephemeral, publicKey);
			ephemeral.fill(0);
			return { sharedSecret: sharedSecret(dh, encapsulated, publicKey), encapsulated };
		},
		decapsulate: (privateKey, encapsulated) =>
			sharedSecret(group.agree(privateKey, encapsulated), encapsulated, group.publicFrom(privateKey)),
	};
}

function agree(type: "X25519" | "X448", privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
	// OpenSSL refuses the all-zero result that small-order points give (RFC 9180 section 7.1.4).
	return plain(
		diffieHellman({ privateKey: privateKeyObject(type, privateKey), publicKey: publicKeyObject(type, publicKey) }),
	);
}

function montgomery(type: "X25519" | "X448", id: number, digest: DigestName, privateBytes: number): Group {
	return {
		id,
		digest,
		privateBytes,
		publicFrom: (privateKey) => rawPublicKey(type, privateKeyObject(type, privateKey)),
		checkPublic: (publicKey) => {
			publicKeyObject(type, publicKey);
		},
		agree: (privateKey, publicKey) => agree(type, privateKey, publicKey),
		privateFrom: (expand) => expand("sk", EMPTY, privateBytes),
	};
}

function weierstrass(curve: string, id: number, digest: DigestName, privateBytes: number, topByte: number): Group {
	const own = (privateKey: Uint8Array) => {
		const ecdh = createECDH(curve);
		// Some vectors write a P-521 scalar without its leading zeros.
		ecdh.setPrivateKey(concat(new Uint8Array(Math.max(0, privateBytes - privateKey.length)), privateKey));
		return ecdh;
	};
	return {
		id,
		digest,
		privateBytes,
		publicFrom: (privateKey) => plain(own(privateKey).getPublicKey()),
		// A scalar of one: multiplying is the check that the point lies on the curve.
		checkPublic: (publicKey) => {
			own(Uint8Array.of(1)).computeSecret(publicKey);
		},
		agree: (privateKey, publicKey) => plain(own(privateKey).computeSecret(publicKey)),
		privateFrom(expand) {
			for (let counter = 0; counter < 256; counter++) {
				const candidate = expand("candidate", Uint8Array.of(counter), privateBytes);
				candidate[0] = (candidate[0] ?? 0) & topByte;
				try {
					own(candidate);
					return candidate;
				} catch {
					// Zero or not below the order: the next one.
				}
			}
			throw new Error("no private key found");
		},
	};
}

const ML_KEM_PUBLIC_BYTES = 1184;
const ML_KEM_CIPHERTEXT_BYTES = 1088;
const X25519_BYTES = 32;
const X_WING_LABEL = encoder.encode("\\.//^\\");

const shake256 = (input: Uint8Array, outputLength: number) =>
	plain(createHash("shake256", { outputLength }).update(input).digest());

/**
 * X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519, so that breaking one of them is not enough.
 * The private key is the 32-byte seed of both.
 */
function xWing(): Kem {
	const expandSeed = (seed: Uint8Array) => {
		if (seed.length !== 32) throw new RangeError("a private key of X-Wing has 32 bytes");
		const expanded = shake256(seed, 96);
		const mlKem = privateKeyObject("ML-KEM-768", expanded.subarray(0, 64));
		const x25519 = privateKeyObject("X25519", expanded.subarray(64));
		expanded.fill(0);
		return { mlKem, x25519, x25519Public: rawPublicKey("X25519", x25519) };
	};
	const split = (publicKey: Uint8Array) => {
		if (publicKey.length !== ML_KEM_PUBLIC_BYTES + X25519_BYTES) {
			throw new RangeError("a public key of X-Wing has 1216 bytes");
		}
		return {
			mlKem: publicKeyObject("ML-KEM-768", publicKey.subarray(0, ML_KEM_PUBLIC_BYTES)),
			x25519: publicKey.subarray(ML_KEM_PUBLIC_BYTES),
		};
	};
	const dh = (privateKey: KeyObject, publicKey: Uint8Array) =>
		diffieHellman({ privateKey, publicKey: publicKeyObject("X25519", publicKey) });
	const combine = (mlKem: Uint8Array, x25519: Uint8Array, ciphertext: Uint8Array, publicKey: Uint8Array) =>
		plain(
			createHash("sha3-256")
				.update(mlKem)
				.update(x25519)
				.update(ciphertext)
				.update(publicKey)
				.update(X_WING_LABEL)
				.digest(),
		);
	return {
		id: 0x647a,
		privateBytes: 32,
		publicFrom(privateKey) {
			const { mlKem, x25519Public } = expandSeed(privateKey);
			return concat(rawPublicKey("ML-KEM-768", createPublicKey(mlKem)), x25519Public);
		},
		checkPublic: (publicKey) => {
			split(publicKey);
		},
		derivePrivate: (inputKey) => shake256(inputKey, 32),
		encapsulate(publicKey) {
			const recipient = split(publicKey);
			const ephemeral = privateKeyObject("X25519", randomBytes(X25519_BYTES));
			const x25519Ciphertext = rawPublicKey("X25519", ephemeral);
			const { sharedKey, ciphertext } = encapsulate(recipient.mlKem);
			return {
				sharedSecret: combine(sharedKey, dh(ephemeral, recipient.x25519), x25519Ciphertext, recipient.x25519),
				encapsulated: concat(ciphertext, x25519Ciphertext),
			};
		},
		decapsulate(privateKey, encapsulated) {
			if (encapsulated.length !== ML_KEM_CIPHERTEXT_BYTES + X25519_BYTES) {
				throw new RangeError("an encapsulation of X-Wing has 1120 bytes");
			}
			const own = expandSeed(privateKey);
			const x25519Ciphertext = encapsulated.subarray(ML_KEM_CIPHERTEXT_BYTES);
			const sharedKey = decapsulate(own.mlKem, encapsulated.subarray(0, ML_KEM_CIPHERTEXT_BYTES));
			return combine(sharedKey, dh(own.x25519, x25519Ciphertext), x25519Ciphertext, own.x25519Public);
		},
	};
}

const KEMS: Partial<Record<KemAlgorithm, () => Kem>> = {
	"DHKEM-P256-HKDF-SHA256": () => dhkem(weierstrass("prime256v1", 0x0010, "sha256", 32, 0xff)),
	"DHKEM-P384-HKDF-SHA384": () => dhkem(weierstrass("secp384r1", 0x0011, "sha384", 48, 0xff)),
	"DHKEM-P521-HKDF-SHA512": () => dhkem(weierstrass("secp521r1", 0x0012, "sha512", 66, 0x01)),
	"DHKEM-X25519-HKDF-SHA256": () => dhkem(montgomery("X25519", 0x0020, "sha256", 32)),
	"DHKEM-X448-HKDF-SHA512": () => dhkem(montgomery("X448", 0x0021, "sha512", 56)),
	"X-Wing": xWing,
};

/** Undefined for the mechanisms this provider does not offer (plain ML-KEM). */
export function kem(algorithm: KemAlgorithm): Kem | undefined {
	return KEMS[algorithm]?.();
}
