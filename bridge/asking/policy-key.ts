/** The key with which an operator states what was published and what was recorded (Ed25519, RFC 8032). */
import { type Label, signedBytes } from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";

export interface PolicyKey {
	/** 32 bytes. */
	readonly publicKey: Uint8Array;
	/** Over the label and the statement, 64 bytes. */
	sign(label: Label, statement: Uint8Array): Uint8Array;
}

/** @param seed 32 bytes */
export function policyKeyOf(seed: Uint8Array): PolicyKey {
	const { publicKey, sign } = ed25519Key(seed);
	return { publicKey, sign: (label, statement) => sign(signedBytes(label, statement)) };
}
