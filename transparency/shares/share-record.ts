/**
 * What a leaf of the share log commits to, and how the person it is about finds and opens it (`docs/adr/0006`).
 *
 *     leaf   = 0x01 || commitment 32 || chain 32 || context 32          97 bytes, uniform to everybody else
 *     salt_n = HMAC-SHA256(K, "salt" || n)        commitment = SHA-256(salt_n || record)
 *     link_n = HMAC-SHA256(K, "link" || n)        chain      = link_n
 *     subject at recipient R = first 16 bytes of HMAC-SHA256(K, "subject" || R)
 *
 * K is the account's share key: 32 bytes that its devices and the server have and nobody else. With K a device knows
 * every link value beforehand, so a chain with a hole or one that goes on in secret is found out; without K nobody can
 * tell whose a leaf is, or whether it is padding. The number n is dense from 1 and stands nowhere in the record, which a
 * recipient reads: it would tell how many records the person has at others.
 */

import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as portableSha256 } from "@noble/hashes/sha2.js";
import { canonicalJson, type Json } from "@troth/protocol";
import { sha256 } from "#sha256";

export const LEAF_BYTES = 97;
export const SALT_BYTES = 32;
export const SUBJECT_BYTES = 16;
const LEAF_VERSION = 1;

/** `share` and `recall` are the bridge's; the others stand in a recipient's own log. */
export type ShareRecordKind = "share" | "recall" | "kept" | "dropped" | "stale" | "recalled";

/** One record, whose canonical JSON is what the leaf commits to. The value of a field is never in it. */
export interface ShareRecord {
	readonly v: 1;
	readonly kind: ShareRecordKind;
	readonly recipient: string;
	/** 32 hex digits. */
	readonly subject: string;
	readonly purpose: string;
	/** Sorted; empty for recalls and receipts. */
	readonly fields: readonly string[];
	/** 64 hex digits. */
	readonly policyHash: string;
	/** 64 hex digits. */
	readonly purposeHash: string;
	/** The consent's generation; a recall covers this and every one before it. */
	readonly generation: number;
	/** SHA-256 of the ConsentGrant statement, 64 hex digits; empty where no choice is involved, in recalls and receipts. */
	readonly grant: string;
	/** UTC milliseconds. */
	readonly t: number;
	/** Receipts only: the leaf of the share log that is answered, its RFC 6962 leaf hash in hex; otherwise empty. */
	readonly answers: string;
}

/** The bytes that are committed to: canonical JSON in UTF-8. */
export function shareRecordBytes(record: ShareRecord): Uint8Array<ArrayBuffer> {
	return new TextEncoder().encode(canonicalJson(record as unknown as Json));
}

const KINDS: readonly string[] = ["share", "recall", "kept", "dropped", "stale", "recalled"];

/** Reads a record from its canonical form; undefined where it is not exactly one. */
export function readShareRecord(bytes: Uint8Array): ShareRecord | undefined {
	let text: string;
	let value: unknown;
	try {
		text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		value = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (!isShareRecord(value)) return undefined;
	// With its keys in order, whole numbers and whole characters, the canonical form is what JSON.stringify writes.
	return JSON.stringify(value) === text ? value : undefined;
}

/** In the order of the canonical form. */
const KEYS = "answers,fields,generation,grant,kind,policyHash,purpose,purposeHash,recipient,subject,t,v";

function isShareRecord(value: unknown): value is ShareRecord {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
	const record = value as Record<string, unknown>;
	const whole = (name: string) => Number.isSafeInteger(record[name]) && (record[name] as number) >= 0;
	const isText = (member: unknown) => typeof member === "string" && member.isWellFormed();
	const hex = (name: string, ...bytes: number[]) =>
		typeof record[name] === "string" && bytes.includes(record[name].length / 2) && /^[0-9a-f]*$/.test(record[name]);
	return (
		Object.keys(record).join(",") === KEYS &&
		record["v"] === 1 &&
		KINDS.includes(record["kind"] as string) &&
		isText(record["recipient"]) &&
		isText(record["purpose"]) &&
		Array.isArray(record["fields"]) &&
		record["fields"].every(isText) &&
		hex("subject", SUBJECT_BYTES) &&
		hex("policyHash", 32) &&
		hex("purposeHash", 32) &&
		hex("grant", 0, 32) &&
		hex("answers", 0, 32) &&
		whole("generation") &&
		whole("t")
	);
}

/** SHA-256(salt || record). */
export function commitment(salt: Uint8Array, record: Uint8Array): Uint8Array {
	return sha256(salt, record);
}

/** The salt of record `n` of the account with this share key. */
export function saltOf(shareKey: Uint8Array, n: number): Uint8Array {
	return keyed(shareKey, "salt", numberBytes(n));
}

/** The chain value of record `n`: known beforehand to who has the key. */
export function linkOf(shareKey: Uint8Array, n: number): Uint8Array {
	return keyed(shareKey, "link", numberBytes(n));
}

/** Who the account is at this recipient: 16 bytes, unrelated to those at others. */
export function subjectAt(shareKey: Uint8Array, recipient: string): Uint8Array {
	return keyed(shareKey, "subject", new TextEncoder().encode(recipient)).slice(0, SUBJECT_BYTES);
}

/** The leaf's data (not its hash). */
export function leafOf(committed: Uint8Array, chain: Uint8Array, context: Uint8Array): Uint8Array<ArrayBuffer> {
	const leaf = new Uint8Array(LEAF_BYTES);
	leaf[0] = LEAF_VERSION;
	leaf.set(committed, 1);
	leaf.set(chain, 33);
	leaf.set(context, 65);
	return leaf;
}

/**
 * The context of every leaf of a batch, padding included: SHA-256(policyHash || day), day = UTC days since 1970 as
 * 8 bytes, big endian. It says under which policy a batch was written, and nothing about purposes or people.
 */
export function contextOf(policyHash: Uint8Array, atMs: number): Uint8Array {
	return sha256(policyHash, numberBytes(Math.floor(atMs / DAY_MS)));
}

const DAY_MS = 24 * 3600 * 1000;

const UTF8 = new TextEncoder();

function keyed(key: Uint8Array, use: string, data: Uint8Array): Uint8Array {
	// The portable one: Node's own spends ten times as long on finding out what kind of key it was given.
	return hmac.create(portableSha256, key).update(UTF8.encode(use)).update(data).digest();
}

function numberBytes(n: number): Uint8Array {
	const bytes = new Uint8Array(8);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
	return bytes;
}
