/**
 * The key a person's yes is signed with towards one recipient. Derived on the device from the account's identity key,
 * so that every device of the account has it and the server does not; another one at each recipient, so that two
 * recipients can not find out that they speak of the same person.
 */

import { create } from "@bufbuild/protobuf";
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { LABELS, type Signed, SignedSchema, signedBytes } from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";

export interface ConsentKey {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	/** Signs a serialized ConsentGrant. */
	sign(statement: Uint8Array): Signed;
}

const SEED_BYTES = 32;

/** @param identitySeed the account identity key's Ed25519 seed, 32 bytes. Throws RangeError for another length. */
export function consentKeyFor(identitySeed: Uint8Array, recipient: string): ConsentKey {
	if (identitySeed.length !== SEED_BYTES) throw new RangeError("an Ed25519 seed has 32 bytes");
	const info = new TextEncoder().encode(`troth/v1/consent/${recipient}`);
	const { publicKey, sign } = ed25519Key(hkdf(sha256, identitySeed, new Uint8Array(), info, SEED_BYTES));
	return {
		publicKey,
		sign: (statement) =>
			create(SignedSchema, { statement, signature: sign(signedBytes(LABELS.consentGrant, statement)) }),
	};
}
