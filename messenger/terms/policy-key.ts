/** The key with which this server states what it published and what it recorded (Ed25519, RFC 8032). */
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { type Label, signedBytes } from "@troth/protocol";
import { openSecrets } from "../secrets.ts";

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

/**
 * What others have to know of a messenger before it runs: the public policy key of the one that keeps its files in this
 * directory, 32 bytes. Makes the keys where there are none. Rejects with SeedError.
 */
export async function messengerKeys(directory: string): Promise<{ readonly policyKey: Uint8Array }> {
	const { policySeed } = await openSecrets(directory);
	return { policyKey: policyKeyOf(policySeed).publicKey };
}
