/**
 * The messenger's records as the door finds them, with people in them who accept and decide: real tables and views, real
 * decisions, real signatures. The messenger itself does not run.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ChoicePurpose,
	type Clock,
	ConsentDecisionSchema,
	ConsentGrantSchema,
	ConsentReceiptSchema,
	idBytes,
	LABELS,
	type Label,
	LinkAssertionSchema,
	type PhoneNumber,
	type Purpose,
	type Signed,
	SignedSchema,
	signedBytes,
	toHex,
} from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { subjectAt } from "@troth/transparency";
import type { Kysely } from "kysely";
import { migrateRecords } from "../../messenger/records/migrate.ts";
import type { Records } from "../../messenger/records/schema.ts";
import { keepDecision } from "../consent/evidence.ts";
import { openStanding, recallEverything, recordEvent } from "../consent/record.ts";
import { shareKeyOf } from "../consent/share-key.ts";
import { type Policy, parsePolicy } from "../policy/policy.ts";

export interface Signer {
	/** Ed25519, 32 bytes. */
	readonly publicKey: Uint8Array;
	sign(label: Label, statement: Uint8Array): Signed;
}

export function newSigner(): Signer {
	const { publicKey, privateKey } = generateKeyPairSync("ed25519");
	return {
		publicKey: rawKey(publicKey),
		sign: (label, statement) =>
			create(SignedSchema, { statement, signature: sign(null, signedBytes(label, statement), privateKey) }),
	};
}

function rawKey(key: KeyObject): Uint8Array {
	return new Uint8Array(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"));
}

const words = (text: string) => ({ title: text, body: `${text}, and what goes to whom.` });
const choice = { basis: "consent", initial: "off", objection: false, retentionDays: 90 } as const;
const purposes = [
	{ ...choice, id: "friend_suggestions", fields: ["phone_number"], recipients: ["family", "photos"] },
	{ ...choice, id: "relevant_ads", fields: ["phone_number", "device_type", "os"], recipients: ["family"] },
	{
		...choice,
		id: "account_linking",
		fields: ["link_assertion", "device_type", "os", "app_version"],
		recipients: ["family"],
	},
];

/** A policy with the three choices; `change` makes another one of it. */
export function policyOf(version: number, change: (file: Record<string, unknown>) => object = () => ({})): Policy {
	const file = {
		version,
		referenceLocale: "en",
		recipients: [
			{ id: "family", name: "Family", role: "controller", contact: "privacy@family.example" },
			{ id: "photos", name: "Photos", role: "controller", contact: "privacy@photos.example" },
		],
		purposes,
		locales: {
			en: {
				summary: ["What we share."],
				documents: [
					{ id: "terms", title: "Terms", body: "Be kind." },
					{ id: "privacy", title: "Privacy", body: ["Family, Photos", ...purposes.map(({ id }) => id)].join("\n\n") },
				],
				purposes: Object.fromEntries(purposes.map(({ id }) => [id, words(id)])),
			},
		},
	};
	return parsePolicy(JSON.stringify({ ...file, ...change(file) }));
}

export interface Person {
	readonly account: AccountId;
	readonly phone: PhoneNumber;
	readonly shareKey: Uint8Array;
	/** Says yes, in the generation that is next. */
	allow(purpose: ChoicePurpose, options?: { readonly nonce?: Uint8Array }): Promise<void>;
	/** Says no, or takes a yes back. */
	refuse(purpose: Purpose): Promise<void>;
	/** Deletes the account. */
	leave(): Promise<void>;
	/** Has seen the notice of the version in force. */
	seeNotice(): Promise<void>;
	accept(): Promise<void>;
}

export interface TestRecords extends AsyncDisposable {
	readonly db: Kysely<Records>;
	readonly policyKey: Signer;
	publish(policy: Policy): Promise<void>;
	/** Registers somebody who has accepted the version in force. */
	register(phone: string): Promise<Person>;
}

/** Opens the records in this file, with a first policy in force. */
export async function openTestRecords(path: string, clock: Clock, first = policyOf(1)): Promise<TestRecords> {
	const db = await openRecords<Records>({ kind: "sqlite", path });
	await migrateRecords(db);
	const policyKey = newSigner();
	const published: Policy[] = [];
	const policies = {
		get current() {
			const current = published.at(-1);
			if (current === undefined) throw new TypeError("nothing is published");
			return current;
		},
		version: (version: number) => published.find((policy) => policy.version === version),
	};
	const records: TestRecords = {
		db,
		policyKey,
		async publish(policy) {
			const bytes = new TextEncoder().encode(policy.canonical);
			await db
				.insertInto("terms_version")
				.values({
					version: policy.version,
					policy: policy.canonical,
					published_at_ms: clock.now(),
					signature: policyKey.sign(LABELS.policy, bytes).signature,
				})
				.execute();
			published.push(policy);
		},
		async register(phone) {
			const account = toHex(randomBytes(16)) as AccountId;
			await db
				.insertInto("account")
				.values({
					account_id: account,
					phone: phone as PhoneNumber,
					identity_key: randomBytes(32),
					list_version: 1,
					list_statement: randomBytes(8),
					list_signature: randomBytes(64),
					created_at_ms: clock.now(),
				})
				.execute();
			await db.transaction().execute((tx) => openStanding(tx, account, clock.now()));
			const shareKey = await shareKeyOf(db, account, clock.now());
			const person = personOf(db, clock, policies, policyKey, account, phone as PhoneNumber, shareKey);
			await person.accept();
			return person;
		},
		[Symbol.asyncDispose]: () => db.destroy(),
	};
	await records.publish(first);
	return records;
}

function personOf(
	db: Kysely<Records>,
	clock: Clock,
	policies: { readonly current: Policy; version(version: number): Policy | undefined },
	policyKey: Signer,
	account: AccountId,
	phone: PhoneNumber,
	shareKey: Uint8Array,
): Person {
	const device = newSigner();
	const consentKeys = new Map<string, Signer>();
	const consentKey = (recipient: string) => {
		const key = consentKeys.get(recipient) ?? newSigner();
		consentKeys.set(recipient, key);
		return key;
	};
	const happen = (event: Parameters<typeof recordEvent>[3]) =>
		db.transaction().execute(async (tx) => {
			const { refused } = await recordEvent(tx, account, policies, event);
			if (refused !== undefined) throw new Error(`refused: ${refused}`);
		});
	const decide = async (purpose: Purpose, granted: boolean, nonce: Uint8Array) => {
		const compiled = policies.current.purposes.get(purpose);
		const before = await db
			.selectFrom("consent_choice")
			.select("generation")
			.where("account_id", "=", account)
			.where("purpose", "=", purpose)
			.executeTakeFirst();
		const generation = granted ? (before?.generation ?? 0) + 1 : 0;
		const purposeHash = granted ? (compiled?.hash ?? "") : "";
		const link =
			purpose === "account_linking"
				? create(LinkAssertionSchema, { nonce, deviceType: "phone", os: "android", appVersion: "1.0" })
				: undefined;
		const grants = (granted ? (compiled?.recipients ?? []) : []).map((recipient) => {
			const key = consentKey(recipient);
			const statement = toBinary(
				ConsentGrantSchema,
				create(ConsentGrantSchema, {
					recipient,
					subject: subjectAt(shareKey, recipient),
					purpose,
					purposeHash: Buffer.from(purposeHash, "hex"),
					generation,
					decidedAtMs: BigInt(clock.now()),
					consentKey: key.publicKey,
					...(link !== undefined && { link }),
				}),
			);
			return { purpose, recipient, generation, signed: key.sign(LABELS.consentGrant, statement), link };
		});
		const decision = device.sign(
			LABELS.consentDecision,
			toBinary(
				ConsentDecisionSchema,
				create(ConsentDecisionSchema, {
					accountId: idBytes(account),
					decidedAtMs: BigInt(clock.now()),
					deviceId: randomBytes(16),
				}),
			),
		);
		const eventId = createHash("sha256").update(decision.statement).digest("hex").slice(0, 32);
		const receipt = policyKey.sign(
			LABELS.consentReceipt,
			toBinary(ConsentReceiptSchema, create(ConsentReceiptSchema, { recordedAtMs: BigInt(clock.now()) })),
		);
		await db.transaction().execute(async (tx) => {
			const { refused } = await recordEvent(tx, account, policies, {
				type: "decided",
				eventId,
				decisions: [{ purpose, granted, purposeHash, generation }],
				shownOn: false,
				atMs: clock.now(),
			});
			if (refused !== undefined) throw new Error(`refused: ${refused}`);
			await keepDecision(tx, account, { eventId, decision, receipt, grants, recordedAtMs: clock.now() });
		});
	};
	return {
		account,
		phone,
		shareKey,
		allow: (purpose, { nonce = randomBytes(16) } = {}) => decide(purpose, true, nonce),
		refuse: (purpose) => decide(purpose, false, new Uint8Array()),
		accept: () => happen({ type: "accepted", version: policies.current.version, atMs: clock.now() }),
		seeNotice: () => happen({ type: "displayed", version: policies.current.version, atMs: clock.now() }),
		leave: () =>
			db.transaction().execute(async (tx) => {
				await recallEverything(tx, account, clock.now());
				await tx.deleteFrom("account").where("account_id", "=", account).execute();
			}),
	};
}
