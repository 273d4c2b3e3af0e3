/**
 * People who accepted version 2 and said yes to one purpose, as the messenger's records hold them: every row, key and
 * signature as the real thing, only written many at a time.
 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Policy } from "@troth/bridge";
import { type AccountId, ConsentGrantSchema, LABELS, type PhoneNumber, signedBytes, toHex } from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { subjectAt } from "@troth/transparency";
import { openFamilyKeys } from "../../family/keys.ts";
import { migrateRecords as migrateFamily } from "../../family/records/migrate.ts";
import type { Records as FamilyRecords } from "../../family/records/schema.ts";
import { migrateRecords } from "../../messenger/records/migrate.ts";
import type { Records } from "../../messenger/records/schema.ts";

const PEOPLE_AT_ONCE = 500;
const ACCEPTED_BEFORE_MS = 60_000;

export interface Yes {
	readonly purpose: string;
	readonly recipient: string;
}

export interface PolicySigner {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	sign(bytes: Uint8Array): Uint8Array;
}

/** A key as the messenger's policy key is one. */
export function newPolicySigner(): PolicySigner {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	return {
		publicKey: new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")),
		sign: (bytes) => new Uint8Array(sign(null, signedBytes(LABELS.policy, bytes), privateKey)),
	};
}

/** A number that nobody has: the area code 555 is not given out. */
export function numberOf(at: number): PhoneNumber {
	return `+1555${String(2_000_000 + at)}` as PhoneNumber;
}

/** Fills a new records store at `path`; every person has one row in the outbox when this resolves. */
export async function seedPeople(
	path: string,
	people: number,
	{ purpose, recipient }: Yes,
	policy: Policy,
	signer: PolicySigner,
	nowMs: number,
): Promise<void> {
	await using db = await openRecords<Records>({ kind: "sqlite", path });
	await migrateRecords(db);
	const bytes = new TextEncoder().encode(policy.canonical);
	await db
		.insertInto("terms_version")
		.values({
			version: policy.version,
			policy: policy.canonical,
			published_at_ms: nowMs - ACCEPTED_BEFORE_MS,
			signature: signer.sign(bytes),
		})
		.execute();
	const hash = policy.purposes.get(purpose)?.hash;
	if (hash === undefined) throw new TypeError("the policy has no such purpose");
	const purposeHash = Buffer.from(hash, "hex");
	for (let from = 0; from < people; from += PEOPLE_AT_ONCE) {
		const some = Array.from({ length: Math.min(PEOPLE_AT_ONCE, people - from) }, (_, n) => from + n);
		const rows = some.map((at) => {
			const account = toHex(randomBytes(16)) as AccountId;
			const shareKey = randomBytes(32);
			return { at, account, shareKey, grant: grantOf(shareKey, recipient, purpose, purposeHash, nowMs) };
		});
		await db.transaction().execute(async (tx) => {
			await tx
				.insertInto("account")
				.values(
					rows.map(({ at, account }) => ({
						account_id: account,
						phone: numberOf(at),
						identity_key: randomBytes(32),
						list_version: 1,
						list_statement: randomBytes(8),
						list_signature: randomBytes(64),
						created_at_ms: nowMs,
					})),
				)
				.execute();
			await tx
				.insertInto("standing")
				.values(
					rows.map(({ account }) => ({
						account_id: account,
						accepted_version: policy.version,
						accepted_at_ms: nowMs - ACCEPTED_BEFORE_MS,
						time_ms: nowMs,
					})),
				)
				.execute();
			await tx
				.insertInto("share_key")
				.values(
					rows.map(({ account, shareKey }) => ({ account_id: account, share_key: shareKey, created_at_ms: nowMs })),
				)
				.execute();
			await tx
				.insertInto("consent_choice")
				.values(
					rows.map(({ account }) => ({
						account_id: account,
						purpose,
						state: "granted" as const,
						purpose_hash: purposeHash,
						generation: 1,
						decided_at_ms: nowMs,
						event_id: toHex(randomBytes(16)),
					})),
				)
				.execute();
			await tx
				.insertInto("consent_grant")
				.values(
					rows.map(({ account, grant }) => ({ account_id: account, purpose, recipient, generation: 1, ...grant })),
				)
				.execute();
			await tx
				.insertInto("share_outbox")
				.values(
					rows.map(({ account }) => ({
						account_id: account,
						kind: "share" as const,
						purpose,
						recipient,
						generation: 1,
						created_at_ms: nowMs,
					})),
				)
				.execute();
		});
	}
}

function grantOf(shareKey: Uint8Array, recipient: string, purpose: string, purposeHash: Uint8Array, nowMs: number) {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	const statement = toBinary(
		ConsentGrantSchema,
		create(ConsentGrantSchema, {
			recipient,
			subject: subjectAt(shareKey, recipient),
			purpose,
			purposeHash,
			generation: 1,
			decidedAtMs: BigInt(nowMs),
			consentKey: new Uint8Array(Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url")),
		}),
	);
	return { statement, signature: sign(null, signedBytes(LABELS.consentGrant, statement), privateKey) };
}

/** Every `oneIn`th of the same people has an account at the company `id`, with the number verified. */
export async function seedMembers(directory: string, id: string, people: number, oneIn: number, nowMs: number) {
	const { tags } = await openFamilyKeys(directory, id);
	await using db = await openRecords<FamilyRecords>({ kind: "sqlite", path: `${directory}/records.sqlite` });
	await migrateFamily(db);
	for (let from = 0; from < people; from += PEOPLE_AT_ONCE * oneIn) {
		const some = Array.from({ length: PEOPLE_AT_ONCE }, (_, n) => from + n * oneIn).filter((at) => at < people);
		const rows = some.map((at) => ({ at, person: toHex(randomBytes(16)) }));
		await db.transaction().execute(async (tx) => {
			await tx
				.insertInto("person")
				.values(
					rows.map(({ at, person }) => ({
						person_id: person as never,
						email: `person${at}@example.org`,
						name: "Alice",
						birth_year: 1990,
						password_salt: randomBytes(16),
						password_hash: randomBytes(32),
						created_at_ms: nowMs,
						suggest_me: 1 as const,
						suggest_to_me: 1 as const,
					})),
				)
				.execute();
			await tx
				.insertInto("verified_phone")
				.values(
					rows.map(({ at, person }) => {
						const phone = numberOf(at);
						return {
							person_id: person as never,
							people_tag: tags.people(phone),
							book_tag: tags.book(phone),
							list_tag: tags.list(phone),
							last_two: phone.slice(-2),
							verified_at_ms: nowMs,
						};
					}),
				)
				.execute();
		});
	}
}
