/** Verifier keys of C2SP signed-note: `name+hex(key id)+base64(type || public key)`. */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "@troth/protocol";
import { ProofError } from "../proof-error.ts";
import { fromBase64, toBase64 } from "./base64.ts";

/** Signature type bytes that are supported: a log's Ed25519, and a witness's timestamped cosignature/v1. */
export const NOTE_ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
export type SignatureType = typeof NOTE_ED25519 | typeof COSIGNATURE_V1;

export const KEY_ID_BYTES = 4;
const PUBLIC_KEY_BYTES = 32;

export interface VerifierKey {
	readonly name: string;
	/** 8 hex digits. */
	readonly id: string;
	readonly type: SignatureType;
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
}

/** Reads a verifier key. Throws ProofError (KEY_INVALID). */
export function parseVerifierKey(vkey: string): VerifierKey {
	const [name, id, material] = splitKey(vkey);
	const bytes = fromBase64(material);
	const type = bytes?.[0];
	if (bytes === undefined || !isKeyName(name)) throw new ProofError("KEY_INVALID", "this is no verifier key");
	if ((type !== NOTE_ED25519 && type !== COSIGNATURE_V1) || bytes.length !== 1 + PUBLIC_KEY_BYTES)
		throw new ProofError("KEY_INVALID", "a verifier key of a kind that is not supported");
	const publicKey = bytes.slice(1);
	if (keyIdOf(name, type, publicKey) !== id)
		throw new ProofError("KEY_INVALID", "the verifier key's id does not belong to it: was it copied wrongly?");
	return { name, id, type, publicKey };
}

/** The name has no plus; the base64 may. */
function splitKey(vkey: string): [string, string, string] {
	const [name = "", id = "", ...rest] = vkey.split("+");
	return [name, id, rest.join("+")];
}

/** The text form of a key. Throws RangeError for a name that can not be one. */
export function formatVerifierKey(name: string, type: SignatureType, publicKey: Uint8Array): string {
	if (!isKeyName(name)) throw new RangeError("a key's name has no white space and no plus");
	const material = new Uint8Array([type, ...publicKey]);
	return `${name}+${keyIdOf(name, type, publicKey)}+${toBase64(material)}`;
}

/** First four bytes of SHA-256(name || 0x0A || type || public key), in hex. */
function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): string {
	const head = new TextEncoder().encode(`${name}\n`);
	return toHex(sha256(new Uint8Array([...head, type, ...publicKey])).subarray(0, KEY_ID_BYTES));
}

/** Not empty, no Unicode space, no plus, and nothing that a note may not contain. */
export function isKeyName(name: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
	return name !== "" && name.isWellFormed() && !/[\p{White_Space}+\u0000-\u001f]/u.test(name);
}
