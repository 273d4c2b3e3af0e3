/**
 * The outer form of an archive: a head, then sealed parts. Two keys come from the secret and the head's salt
 * (HKDF-SHA-256): one authenticates the head, one seals the parts (AES-256-GCM). A part's nonce is its number and
 * whether it is the last one (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, as `age` uses it): a part
 * that is changed, moved, repeated, left out or from another archive does not open, and an archive that lost its end is
 * known by that.
 *
 *   head:  "TROTHARC", length of the header (2 bytes), header (protobuf), HMAC-SHA-256 (32), the first 8 bytes of
 *          SHA-256 over all of it
 *   part:  1 for the last one, else 0 (1 byte), ciphertext with its tag (16)
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { type ArchiveHeader, ArchiveHeaderSchema, type ArchiveLock } from "@troth/protocol";
import { ArchiveError } from "./archive-error.ts";

const MAGIC = new TextEncoder().encode("TROTHARC");
const VERSION = 1;
const SALT_BYTES = 32;
const SECRET_BYTES = 32;
const MAC_BYTES = 32;
const SUM_BYTES = 8;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
/** More than any head of this version has. */
const HEAD_BYTES_MAX = 1024;
const INFO = {
	head: new TextEncoder().encode("troth/v1/archive/head"),
	parts: new TextEncoder().encode("troth/v1/archive/parts"),
};

export type OpenHeader = Pick<ArchiveHeader, "salt" | "lock" | "iterations">;

/** A header for a new archive. */
export function newHeader(
	random: (length: number) => Uint8Array<ArrayBuffer>,
	{ lock, iterations }: { readonly lock: ArchiveLock; readonly iterations: number },
): OpenHeader {
	return { salt: random(SALT_BYTES), lock, iterations };
}

/** The head of an archive, as bytes. */
export function sealHead(secret: Uint8Array, { salt, lock, iterations }: OpenHeader): Uint8Array<ArrayBuffer> {
	const header = toBinary(
		ArchiveHeaderSchema,
		create(ArchiveHeaderSchema, { version: VERSION, salt, lock, iterations }),
	);
	const named = join(MAGIC, Uint8Array.of(header.length >> 8, header.length & 0xff), header);
	const authenticated = join(named, hmac(sha256, keyOf(secret, salt, INFO.head), named));
	return join(authenticated, sha256(authenticated).subarray(0, SUM_BYTES));
}

/**
 * Reads a head without its secret: what has to be known to make the secret of a code. Throws NotAnArchive,
 * Truncated, Damaged, VersionUnsupported.
 */
export function readHead(head: Uint8Array): OpenHeader {
	const { header, rest } = splitHead(head);
	if (rest.length > 0) throw new ArchiveError("Damaged", "there is more than a head");
	return header;
}

/** How long the head is that these bytes begin with; undefined while too few are there. Throws NotAnArchive. */
export function headLength(start: Uint8Array): number | undefined {
	for (const [at, byte] of MAGIC.entries()) {
		if (at >= start.length) return undefined;
		if (start[at] !== byte) throw new ArchiveError("NotAnArchive", "these bytes are no archive");
	}
	const [high, low] = start.subarray(MAGIC.length);
	if (high === undefined || low === undefined) return undefined;
	const length = MAGIC.length + 2 + ((high << 8) | low) + MAC_BYTES + SUM_BYTES;
	if (length > HEAD_BYTES_MAX) throw new ArchiveError("Damaged", "the head is longer than any");
	return length;
}

function splitHead(head: Uint8Array): { header: OpenHeader; rest: Uint8Array; named: Uint8Array; mac: Uint8Array } {
	const length = headLength(head);
	if (length === undefined || head.length < length) throw new ArchiveError("Truncated", "the head is not whole");
	const authenticated = head.subarray(0, length - SUM_BYTES);
	if (!same(sha256(authenticated).subarray(0, SUM_BYTES), head.subarray(length - SUM_BYTES, length)))
		throw new ArchiveError("Damaged", "the head was changed");
	const named = authenticated.subarray(0, authenticated.length - MAC_BYTES);
	const header = decodeHeader(named.subarray(MAGIC.length + 2));
	return { header, rest: head.subarray(length), named, mac: authenticated.subarray(named.length) };
}

function decodeHeader(bytes: Uint8Array): OpenHeader {
	let header: ArchiveHeader;
	try {
		header = fromBinary(ArchiveHeaderSchema, bytes);
	} catch (cause) {
		throw new ArchiveError("Damaged", "the header does not decode", { cause });
	}
	if (header.version !== VERSION) throw new ArchiveError("VersionUnsupported", "an archive of another version");
	if (header.salt.length !== SALT_BYTES) throw new ArchiveError("Damaged", "the salt has another length");
	return header;
}

type AesKey = Awaited<ReturnType<typeof crypto.subtle.importKey>>;

/** Seals and opens the parts of one archive. */
export class PartCipher {
	readonly #key: AesKey;
	/** Names the archive; tells nothing about its secret. */
	readonly id: Uint8Array;

	private constructor(key: AesKey, id: Uint8Array) {
		this.#key = key;
		this.id = id;
	}

	/** Takes the head of an archive. Rejects with WrongCode where the secret is another one, and as `readHead` throws. */
	static async open(secret: Uint8Array, head: Uint8Array): Promise<PartCipher> {
		if (secret.length !== SECRET_BYTES) throw new RangeError("the secret of an archive has 32 bytes");
		const { header, rest, named, mac } = splitHead(head);
		if (rest.length > 0) throw new ArchiveError("Damaged", "there is more than a head");
		if (!same(mac, hmac(sha256, keyOf(secret, header.salt, INFO.head), named)))
			throw new ArchiveError("WrongCode", "the archive was sealed with another secret");
		const bytes = keyOf(secret, header.salt, INFO.parts);
		const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
		bytes.fill(0);
		return new PartCipher(key, Uint8Array.from(header.salt));
	}

	async seal(plaintext: Uint8Array, number: number, last: boolean): Promise<Uint8Array<ArrayBuffer>> {
		const algorithm = { name: "AES-GCM", iv: nonceOf(number, last) };
		const ciphertext = await crypto.subtle.encrypt(algorithm, this.#key, Uint8Array.from(plaintext));
		return join(Uint8Array.of(last ? 1 : 0), new Uint8Array(ciphertext));
	}

	/** The plaintext of the part at this place, and whether it is the last one. Rejects with Damaged, Truncated. */
	async open(
		part: Uint8Array,
		number: number,
	): Promise<{ readonly plaintext: Uint8Array<ArrayBuffer>; readonly last: boolean }> {
		const [flag] = part;
		if (flag === undefined) throw new ArchiveError("Truncated", "a part is empty");
		if (flag > 1 || part.length < 1 + TAG_BYTES) throw new ArchiveError("Damaged", "this is no part");
		const last = flag === 1;
		try {
			const algorithm = { name: "AES-GCM", iv: nonceOf(number, last) };
			const plaintext = await crypto.subtle.decrypt(algorithm, this.#key, Uint8Array.from(part.subarray(1)));
			return { plaintext: new Uint8Array(plaintext), last };
		} catch (cause) {
			throw new ArchiveError("Damaged", `part ${number} was changed or does not belong here`, { cause });
		}
	}
}

/** The number (11 bytes, big endian), then whether it is the last one. */
function nonceOf(number: number, last: boolean): Uint8Array<ArrayBuffer> {
	const nonce = new Uint8Array(NONCE_BYTES);
	new DataView(nonce.buffer).setUint32(NONCE_BYTES - 5, number);
	nonce[NONCE_BYTES - 1] = last ? 1 : 0;
	return nonce;
}

function keyOf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(hkdf(sha256, secret, salt, info, 32));
}

/** Takes the same time wherever they differ. */
function same(a: Uint8Array, b: Uint8Array): boolean {
	let differs = a.length ^ b.length;
	for (let i = 0; i < a.length; i++) differs |= (a[i] ?? 0) ^ (b[i] ?? 0);
	return differs === 0;
}

function join(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
	const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		joined.set(part, at);
		at += part.length;
	}
	return joined;
}
