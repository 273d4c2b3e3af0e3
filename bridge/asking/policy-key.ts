/** The key with which an operator states what was published and what was recorded (Ed25519, RFC 8032). */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { type Label, signedBytes } from "@troth/protocol";

export interface PolicyKey {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	/** Over the label and the statement, 64 bytes. */
	sign(label: Label, statement: Uint8Array): Uint8Array;
}

/** PKCS #8 of an Ed25519 key up to the seed itself (RFC 8410 section 7). */
const PKCS8_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** @param seed 32 bytes */
export function policyKeyOf(seed: Uint8Array): PolicyKey {
	const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: "der", type: "pkcs8" });
	const { x = "" } = createPublicKey(key).export({ format: "jwk" });
	return {
		publicKey: new Uint8Array(Buffer.from(x, "base64url")),
		sign: (label, statement) => sign(null, signedBytes(label, statement), key),
	};
}
