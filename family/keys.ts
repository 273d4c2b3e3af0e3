/**
 * The company's keys, all derived from the seed in its directory, and the keyed tags under which it knows numbers. A
 * number itself is never written anywhere; a tag without the seed tells nothing, and tags of different uses can not be
 * compared with each other, so that each table can be used for what it is for and nothing else.
 */
import { createHash, createHmac, createSecretKey, hkdfSync } from "node:crypto";
import { join } from "node:path";
import type { PhoneNumber } from "@troth/protocol";
import { openSeed } from "@troth/storage";
import { ed25519NoteSigner } from "@troth/transparency";

/** What an advertiser's list can contain; the kind is part of the tag. */
export type ListedKind = "phone" | "email" | "madid" | "extern_id";

export interface Tags {
	/** Whose verified number is it? */
	people(phone: PhoneNumber): Uint8Array;
	/** Address books and `friend_suggestions`. */
	book(phone: PhoneNumber): Uint8Array;
	/** Advertisers' lists and `relevant_ads`: `listed("phone", …)` of the number's digits. */
	list(phone: PhoneNumber): Uint8Array;
	/** The tag of a row of an uploaded list, from its SHA-256 (32 bytes) as the uploader made it. */
	listed(kind: ListedKind, sha256: Uint8Array): Uint8Array;
	/** Numbers kept out of address books. */
	keptOut(phone: PhoneNumber): Uint8Array;
	/** Codes that were sent, and who was sent too many. */
	code(text: string): Uint8Array;
	/** The address that somebody tried to log in with. */
	logIn(email: string): Uint8Array;
}

export interface FamilyKeys {
	readonly tags: Tags;
	/** Ed25519 seed of the log of receipts. */
	readonly receiptsSeed: Uint8Array;
	/** The name in the verifier key of the log of receipts. */
	readonly receiptsName: string;
	/** A key for one use of a part of the company: 32 bytes, the same after every start. */
	derive(use: string): Uint8Array;
}

/** The name of the log in which a company says what it did with what was shared: two installations never have one. */
function receiptsNameOf(id: string, place: string): string {
	return `${place}/${id}/receipts`;
}

/** Where nobody says which installation it is. */
const NO_PLACE = "troth";

/** Reads or makes the seed of the company `id` in `directory`. Rejects with SeedError. */
export async function openFamilyKeys(directory: string, id: string, place = NO_PLACE): Promise<FamilyKeys> {
	return deriveFamilyKeys(await openSeed(join(directory, `${id}.key`)), id, place);
}

/**
 * What others have to know of the company `id` in `directory` before it runs: the verifier key of its log of receipts.
 * Makes the seed where there is none yet. Rejects with SeedError.
 *
 * @param place of this installation, e.g. its host: part of the log's name
 */
export async function familyKeys(
	directory: string,
	id: string,
	place = NO_PLACE,
): Promise<{ readonly receiptsVkey: string }> {
	const { receiptsName, receiptsSeed } = await openFamilyKeys(directory, id, place);
	return { receiptsVkey: ed25519NoteSigner(receiptsName, receiptsSeed).vkey };
}

/** All keys of a company from its seed. */
export function deriveFamilyKeys(seed: Uint8Array, id: string, place = NO_PLACE): FamilyKeys {
	const derive = (use: string) => new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/family/${id}/${use}`, 32));
	return { tags: tagsUnder(derive), receiptsSeed: derive("receipts"), receiptsName: receiptsNameOf(id, place), derive };
}

function tagsUnder(derive: (use: string) => Uint8Array): Tags {
	const keyed = (use: string) => {
		// A key object: with raw bytes each tag costs five times as much, and lists have thousands of rows.
		const key = createSecretKey(derive(use));
		return (...data: (string | Uint8Array)[]): Uint8Array => {
			const mac = createHmac("sha256", key);
			for (const part of data) mac.update(part);
			return new Uint8Array(mac.digest());
		};
	};
	const list = keyed("list-tags");
	const listed = (kind: ListedKind, sha256: Uint8Array) => list(kind, "\0", sha256);
	const people = keyed("people-tags");
	const book = keyed("book-tags");
	const keptOut = keyed("kept-out-tags");
	const code = keyed("codes");
	const logIn = keyed("log-in-tags");
	return {
		people,
		book,
		list: (phone) => listed("phone", createHash("sha256").update(phone.slice(1)).digest()),
		listed,
		keptOut,
		code,
		logIn,
	};
}
