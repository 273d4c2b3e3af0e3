/**
 * Raw keys of the curves and of ML-KEM as `KeyObject`s. Their DER forms (RFC 8410, RFC 9935) are a fixed prefix and
 * the raw bytes.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";

export type RawKeyType = "Ed448" | "X25519" | "X448" | "ML-KEM-768";

interface DerForm {
	readonly publicBytes: number;
	readonly publicPrefix: Buffer;
	/** For ML-KEM the 64 bytes of the seed (d || z). */
	readonly privateBytes: number;
	readonly privatePrefix: Buffer;
}

const hex = (text: string) => Buffer.from(text, "hex");

const FORMS: Record<RawKeyType, DerForm> = {
	Ed448: {
		publicBytes: 57,
		publicPrefix: hex("3043300506032b6571033a00"),
		privateBytes: 57,
		privatePrefix: hex("3047020100300506032b6571043b0439"),
	},
	X25519: {
		publicBytes: 32,
		publicPrefix: hex("302a300506032b656e032100"),
		privateBytes: 32,
		privatePrefix: hex("302e020100300506032b656e04220420"),
	},
	X448: {
		publicBytes: 56,
		publicPrefix: hex("3042300506032b656f033900"),
		privateBytes: 56,
		privatePrefix: hex("3046020100300506032b656f043a0438"),
	},
	"ML-KEM-768": {
		publicBytes: 1184,
		publicPrefix: hex("308204b2300b0609608648016503040402038204a100"),
		privateBytes: 64,
		privatePrefix: hex("3054020100300b060960864801650304040204428040"),
	},
};

/** Throws RangeError on a wrong length and what OpenSSL throws on a key that is none. */
export function publicKeyObject(type: RawKeyType, raw: Uint8Array): KeyObject {
	const { publicBytes, publicPrefix } = FORMS[type];
	if (raw.length !== publicBytes) throw new RangeError(`a public key of ${type} has ${publicBytes} bytes`);
	if (type !== "ML-KEM-768") {
		// A JWK (RFC 8037) of the curves' keys is read in a tenth of the time that DER or PEM take.
		const x = Buffer.from(raw).toString("base64url");
		return createPublicKey({ key: { kty: "OKP", crv: type, x }, format: "jwk" });
	}
	// As PEM, because Node takes three times as long over the same bytes as DER.
	const spki = Buffer.concat([publicPrefix, raw]).toString("base64");
	return createPublicKey(`-----BEGIN PUBLIC KEY-----\n${spki}\n-----END PUBLIC KEY-----\n`);
}

export function privateKeyObject(type: RawKeyType, raw: Uint8Array): KeyObject {
	const { privateBytes, privatePrefix } = FORMS[type];
	if (raw.length !== privateBytes) throw new RangeError(`a private key of ${type} has ${privateBytes} bytes`);
	const der = Buffer.concat([privatePrefix, raw]);
	try {
		return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
	} finally {
		der.fill(0);
	}
}

/** The raw public half of a key of these types. */
export function rawPublicKey(type: RawKeyType, key: KeyObject): Uint8Array {
	const publicHalf = key.type === "private" ? createPublicKey(key) : key;
	if (type !== "ML-KEM-768") {
		// A JWK (RFC 8037) of the curves' keys is ready in a twentieth of the time that DER takes.
		const { x } = publicHalf.export({ format: "jwk" });
		if (x === undefined) throw new TypeError(`this is no key of ${type}`);
		return Uint8Array.from(Buffer.from(x, "base64url"));
	}
	const der = publicHalf.export({ format: "der", type: "spki" });
	return new Uint8Array(der.subarray(FORMS[type].publicPrefix.length));
}
