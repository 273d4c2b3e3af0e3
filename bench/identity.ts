/**
 * Ids and keys that follow from names, so that the seeded store and the load generator agree without a file between
 * them (the other half is generator/troth-identity.c). For benchmarks only: whoever knows a name knows its keys.
 */
import { createHash } from "node:crypto";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	type DeviceId,
	ID_BYTES,
	type Label,
	type PhoneNumber,
	signedBytes,
} from "@troth/protocol";
import { ed25519Key } from "@troth/protocol/ed25519.ts";

type BenchId = AccountId | DeviceId | ConversationId;

function hashName(kind: string, names: readonly string[]): Buffer {
	return createHash("sha256")
		.update(["bench", kind, ...names].join("/"))
		.digest();
}

function idOf<Id extends BenchId>(kind: string, ...names: readonly string[]): Id {
	return hashName(kind, names).subarray(0, ID_BYTES).toString("hex") as Id;
}

/** First 16 bytes of SHA-256("bench/account/<name>"). */
export function accountOf(name: string): AccountId {
	return idOf("account", name);
}

/** First 16 bytes of SHA-256("bench/device/<name>"). */
export function deviceOf(name: string): DeviceId {
	return idOf("device", name);
}

/** The conversation in which `sender` writes to `recipient`: "bench/direct/<sender>/<recipient>". */
export function directConversation(sender: string, recipient: string): ConversationId {
	return idOf("direct", sender, recipient);
}

/** "bench/group/<name>". */
export function groupConversation(name: string): ConversationId {
	return idOf("group", name);
}

/** +999 is no country's code: these numbers belong to nobody. */
export function phoneOf(name: string): PhoneNumber {
	return `+999${name.slice(1).padStart(9, "0")}` as PhoneNumber;
}

export interface Signer {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	/** The bytes of a statement and its signature under this label. */
	sign<Desc extends DescMessage>(
		label: Label,
		schema: Desc,
		statement: MessageInitShape<Desc>,
	): { readonly statement: Uint8Array; readonly signature: Uint8Array };
}

function signerFromSeed(seed: Uint8Array): Signer {
	const { publicKey, sign } = ed25519Key(seed);
	return {
		publicKey,
		sign(label, schema, statement) {
			const bytes = toBinary(schema, create(schema, statement));
			return { statement: bytes, signature: sign(signedBytes(label, bytes)) };
		},
	};
}

/** Seed: SHA-256("bench/device-key/<name>"). */
export function deviceSigner(name: string): Signer {
	return signerFromSeed(hashName("device-key", [name]));
}

/** Seed: SHA-256("bench/identity-key/<name>"). */
export function accountSigner(name: string): Signer {
	return signerFromSeed(hashName("identity-key", [name]));
}
