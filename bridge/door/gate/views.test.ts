/**
 * The views in SQL and the decision in TypeScript against one plain sentence: what flows is what the person said yes to
 * in the words that are in force and accepted. Random policies, random people, a real sqlite store, the gate itself.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	CATALOGUE,
	type ChoicePurpose,
	ConsentGrantSchema,
	LABELS,
	type PhoneNumber,
} from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { rounds } from "@troth/protocol/_rounds.ts";
import { subjectAt } from "@troth/transparency";
import fc from "fast-check";
import { type PurposeShape, policyOf } from "../../_policies.ts";
import type { ConsentTables } from "../../consent/tables.ts";
import { newSigner, openTestRecords, type TestRecords } from "../_people.ts";
import { ShareSource } from "../source/share-source.ts";
import { mintNow } from "./moment.ts";

const DAY_MS = 24 * 3600 * 1000;
const PURPOSES = ["friend_suggestions", "relevant_ads", "account_linking"] as const;
const RECIPIENTS = ["family", "photos"];
const FACTS = { link_assertion: "07".repeat(16), device_type: "phone", os: "TrothOS", app_version: "0.1.0" };
const SIGNER = newSigner();

/** What a version says about a purpose; the same for two versions means the same words. */
interface Row {
	readonly wording: number;
	readonly optOut: boolean;
	readonly both: boolean;
}
type Version = Readonly<Record<ChoicePurpose, Row | undefined>>;

interface Answer {
	readonly state: "granted" | "refused" | "withdrawn";
	/** The version whose words were answered. */
	readonly to: 0 | 1;
	readonly generation: number;
	/** The device's signed grants are there. */
	readonly signed: boolean;
	/** The control stood on before it was touched. */
	readonly shownOn: boolean;
}

interface SomePerson {
	readonly gone: boolean;
	/** The version that was accepted. */
	readonly accepted: 0 | 1 | undefined;
	readonly acceptedDaysAgo: number;
	/** Days since the deadline of a newer version; negative before it, undefined where nothing waits. */
	readonly overdueDays: number | undefined;
	readonly linked: boolean;
	/** The opt-outs of these policies hold in the United States alone. */
	readonly numberRegion: "US" | "DE" | null;
	readonly declaredRegion: "US" | "DE" | null;
	readonly minor: boolean;
	readonly answers: Readonly<Record<ChoicePurpose, Answer | undefined>>;
}

const row = fc.record({
	wording: fc.constantFrom(1, 1, 1, 2),
	optOut: fc.constantFrom(false, false, true),
	both: fc.constantFrom(true, true, true, true, false),
});
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 16 });
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 9 });
const perPurpose = <T>(of: (purpose: ChoicePurpose) => fc.Arbitrary<T>) =>
	fc.record({
		friend_suggestions: of("friend_suggestions"),
		relevant_ads: of("relevant_ads"),
		account_linking: of("account_linking"),
	});
/** Linking is a consent, and at the family alone, in every policy. */
const version = perPurpose((purpose) =>
	rarely(purpose === "account_linking" ? row.map((one) => ({ ...one, optOut: false, both: false })) : row),
);
/** The second version mostly leaves a purpose as it is. */
const versions: fc.Arbitrary<readonly [Version, Version]> = fc
	.tuple(
		version,
		version,
		perPurpose(() => fc.noBias(fc.integer({ min: 0, max: 4 })).map((one) => one > 0)),
	)
	.map(([first, other, kept]) => [
		first,
		Object.fromEntries(PURPOSES.map((purpose) => [purpose, (kept[purpose] ? first : other)[purpose]])) as Version,
	]);
const YES = ["granted", "granted", "granted"] as const;
const CONSENT: Row = { wording: 1, optOut: false, both: true };
const LINKING: Row = { ...CONSENT, both: false };
const YES_NOW: Answer = { state: "granted", to: 1, generation: 1, signed: true, shownOn: false };
const person: fc.Arbitrary<SomePerson> = fc.record({
	gone: fc.noBias(fc.integer({ min: 0, max: 39 })).map((one) => one === 0),
	accepted: fc.noBias(fc.integer({ min: 0, max: 24 })).map((one) => (one === 0 ? undefined : one < 7 ? 0 : 1)),
	acceptedDaysAgo: fc.constantFrom(0, 29, 30, 31, 31, 32, 32, 400, 400),
	overdueDays: fc.noBias(fc.integer({ min: -24, max: 1 })).map((days) => (days < -4 ? undefined : days)),
	linked: fc.constantFrom(true, true, true, false),
	numberRegion: fc.constantFrom("US", "US", "US", "US", "DE", null),
	declaredRegion: fc.constantFrom("US", null, null, null, null, "DE"),
	minor: fc.noBias(fc.integer({ min: 0, max: 13 })).map((one) => one === 0),
	answers: perPurpose(() =>
		some(
			fc.record<Answer>({
				state: fc.constantFrom(...YES, ...YES, ...YES, "refused", "withdrawn"),
				to: fc.constantFrom(0, 1, 1, 1, 1),
				generation: fc.integer({ min: 1, max: 3 }),
				signed: fc.noBias(fc.integer({ min: 0, max: 9 })).map((one) => one > 0),
				shownOn: fc.noBias(fc.integer({ min: 0, max: 9 })).map((one) => one === 0),
			}),
		),
	),
});

/** What chance brings too seldom: two purposes that the second version has and the first had not. */
const NEW_PURPOSES: [readonly [Version, Version], SomePerson[]] = [
	[
		{ friend_suggestions: undefined, relevant_ads: undefined, account_linking: LINKING },
		{ friend_suggestions: CONSENT, relevant_ads: CONSENT, account_linking: LINKING },
	],
	Array.from({ length: 12 }, (_, nth) => ({
		gone: false,
		accepted: nth % 2 === 0 ? 0 : 1,
		acceptedDaysAgo: 32,
		overdueDays: undefined,
		linked: true,
		numberRegion: "US",
		declaredRegion: null,
		minor: false,
		answers: { friend_suggestions: YES_NOW, relevant_ads: YES_NOW, account_linking: YES_NOW },
	})),
];

/** The plain sentence. Gives the values that reach this recipient, or undefined. */
function flows(
	versions: readonly [Version, Version],
	{ gone, accepted, acceptedDaysAgo, overdueDays, linked, numberRegion, declaredRegion, minor, answers }: SomePerson,
	purpose: ChoicePurpose,
	recipient: string,
	phone: string,
): Readonly<Record<string, string>> | undefined {
	const now = versions[1][purpose];
	const answer = answers[purpose];
	if (gone || accepted === undefined || now === undefined || answer === undefined) return undefined;
	const same = (at: 0 | 1) => JSON.stringify(versions[at][purpose]) === JSON.stringify(now);
	if (!same(accepted) || !same(answer.to) || answer.state !== "granted" || !answer.signed) return undefined;
	if (overdueDays !== undefined && overdueDays >= 0) return undefined;
	if (now.optOut && acceptedDaysAgo < 30) return undefined;
	if (minor && purpose === "relevant_ads") return undefined;
	const regions = [numberRegion, declaredRegion].filter((region) => region !== null);
	const inTheUs = regions.length > 0 && regions.every((region) => region === "US");
	if (answer.shownOn && (!now.optOut || !inTheUs || minor)) return undefined;
	if (recipient === "photos" && !now.both) return undefined;
	const { device_type, os } = FACTS;
	switch (purpose) {
		case "friend_suggestions":
			return { phone_number: phone };
		case "relevant_ads":
			return linked ? { phone_number: phone, device_type, os } : { phone_number: phone };
		case "account_linking":
			return linked ? FACTS : undefined;
	}
}

function shapesOf(of: Version): readonly PurposeShape[] {
	return PURPOSES.flatMap((id) => {
		const one = of[id];
		if (one === undefined) return [];
		const recipients = one.both ? RECIPIENTS : ["family"];
		return [{ id, basis: one.optOut ? "opt_out" : "consent", wording: one.wording, recipients } as const];
	});
}

test("what the views and the decision let through is what was said yes to, and nothing else", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-views-"));
	const clock = new ManualClock();
	await using undo = new AsyncDisposableStack();
	undo.defer(() => rm(directory, { recursive: true }));
	const records = undo.use(await openTestRecords(join(directory, "records.sqlite"), clock));
	const source = new ShareSource(records.db);
	let asked = 0;
	let permitted = 0;
	const reasons = new Map<string, number>();
	let people = 0;
	await fc.assert(
		fc.asyncProperty(versions, fc.array(person, { minLength: 12, maxLength: 12 }), async (versions, group) => {
			const [first, second] = [policyOf(2, shapesOf(versions[0])), policyOf(3, shapesOf(versions[1]))];
			const policies = { current: second, version: (version: number) => (version === 2 ? first : second) };
			const stored = group.map((somebody): Stored => {
				people++;
				return {
					somebody,
					account: people.toString(16).padStart(32, "0") as AccountId,
					phone: `+1555${people.toString().padStart(7, "0")}` as PhoneNumber,
					shareKey: randomBytes(32),
					hashOf: (at, purpose) =>
						Buffer.from([first, second][at]?.purposes.get(purpose)?.hash ?? "00".repeat(32), "hex"),
				};
			});
			await storeAll(records, stored, clock.now());
			for (const [nth, { somebody, account, phone, shareKey }] of stored.entries())
				for (const purpose of PURPOSES)
					for (const recipient of RECIPIENTS) {
						// Nobody but the family links, in no policy: now and then is often enough.
						if (purpose === "account_linking" && recipient !== "family" && nth % 8 > 0) continue;
						const said = somebody.answers[purpose]?.generation ?? 1;
						// Now and then somebody asks for the yes before this one.
						const generation = nth % 10 === 0 ? said - 1 : said;
						const question = { account, shareKey, purpose, recipient, generation };
						const minted = await mintNow(
							{ source, policies: policies as never, clock, recipients: new Map() },
							question,
						);
						const values = minted.permit
							? Object.fromEntries(minted.values.map(({ field, value }) => [field, value]))
							: undefined;
						const expected = generation === said ? flows(versions, somebody, purpose, recipient, phone) : undefined;
						assert.deepEqual(values, expected, JSON.stringify({ purpose, recipient, minted, somebody, versions }));
						asked += CATALOGUE[purpose].fields.length;
						if (minted.permit) permitted += minted.values.length;
						else reasons.set(minted.reason, (reasons.get(minted.reason) ?? 0) + CATALOGUE[purpose].fields.length);
					}
		}),
		// 152 fields and recipients for twelve people: 20 000 questions where CI makes three times as many rounds.
		{ numRuns: rounds(44), examples: [NEW_PURPOSES] },
	);
	assert.ok(permitted >= asked / 5, `${permitted} of ${asked} flow: too few to tell anything`);
	for (const reason of EVERY_REASON) assert.ok((reasons.get(reason) ?? 0) >= 8, `${reason}: ${reasons.get(reason)}`);
});

/** All that the gate can say here. */
const EVERY_REASON = [
	...["CLOSED", "SUSPENDED", "NOT_ACCEPTED", "PURPOSE_NOT_CURRENT", "PURPOSE_NOT_ACCEPTED", "PURPOSE_CHANGED"],
	...["RECIPIENT_NOT_LISTED", "REFUSED", "WITHDRAWN", "NOT_GRANTED", "GRANT_OUTDATED", "EMBARGO"],
	...["NOTHING_TO_SHARE", "GRANT_INVALID", "GENERATION_OVER", "MINOR", "PRE_TICKED"],
];

interface Stored {
	readonly account: AccountId;
	readonly phone: PhoneNumber;
	readonly shareKey: Uint8Array;
	readonly somebody: SomePerson;
	readonly hashOf: (at: 0 | 1, purpose: ChoicePurpose) => Uint8Array;
}

/** Writes the people as the messenger's transactions would have left them. */
async function storeAll({ db }: TestRecords, stored: readonly Stored[], nowMs: number): Promise<void> {
	const here = stored.filter(({ somebody }) => !somebody.gone);
	await db.transaction().execute(async (records) => {
		const put = async <Table extends keyof ConsentTables | "account">(table: Table, rows: readonly object[]) => {
			if (rows.length > 0)
				await records
					.insertInto(table)
					.values(rows as never)
					.execute();
		};
		await put("account", here.map(accountRow));
		await put(
			"standing",
			here.map((person) => standingRow(person, nowMs)),
		);
		await put(
			"device_facts",
			here
				.filter(({ somebody }) => somebody.linked)
				.map(({ account }) => ({ account_id: account, ...FACTS, at_ms: 0 })),
		);
		await put("consent_choice", here.flatMap(choiceRows));
		await put("consent_grant", here.flatMap(grantRows));
	});
}

const NONE = new Uint8Array();

function accountRow({ account, phone }: Stored) {
	const list = { list_version: 1, list_statement: NONE, list_signature: NONE };
	return { account_id: account, phone, identity_key: NONE, ...list, created_at_ms: 0 };
}

function standingRow({ account, somebody }: Stored, nowMs: number) {
	const { accepted, acceptedDaysAgo, overdueDays, numberRegion, declaredRegion, minor } = somebody;
	const deadlineMs = overdueDays === undefined ? null : nowMs - overdueDays * DAY_MS;
	return {
		account_id: account,
		accepted_version: accepted === undefined ? null : accepted + 2,
		accepted_at_ms: accepted === undefined ? null : nowMs - acceptedDaysAgo * DAY_MS,
		notice_version: deadlineMs === null ? null : 4,
		notice_displayed_at_ms: deadlineMs === null ? null : deadlineMs - 30 * DAY_MS,
		deadline_ms: deadlineMs,
		time_ms: 0,
		number_region: numberRegion,
		declared_region: declaredRegion,
		minor: minor ? 1 : 0,
	};
}

function choiceRows({ account, somebody, hashOf }: Stored) {
	return PURPOSES.flatMap((purpose) => {
		const answer = somebody.answers[purpose];
		if (answer === undefined) return [];
		const { state, generation, to, shownOn } = answer;
		const said = { state, generation, purpose_hash: hashOf(to, purpose), shown_on: shownOn ? 1 : 0 };
		return [{ account_id: account, purpose, ...said, decided_at_ms: 0, event_id: "" }];
	});
}

function grantRows({ account, shareKey, somebody, hashOf }: Stored) {
	const link = {
		nonce: Buffer.from(FACTS.link_assertion, "hex"),
		deviceType: FACTS.device_type,
		os: FACTS.os,
		appVersion: FACTS.app_version,
	};
	return PURPOSES.flatMap((purpose) => {
		const answer = somebody.answers[purpose];
		if (answer?.state !== "granted" || !answer.signed) return [];
		const { generation, to } = answer;
		return RECIPIENTS.map((recipient) => {
			const grant = create(ConsentGrantSchema, {
				...{ recipient, purpose, purposeHash: hashOf(to, purpose), generation, consentKey: SIGNER.publicKey },
				subject: subjectAt(shareKey, recipient),
				...(purpose === "account_linking" && { link }),
			});
			const { statement, signature } = SIGNER.sign(LABELS.consentGrant, toBinary(ConsentGrantSchema, grant));
			return { account_id: account, purpose, recipient, generation, statement, signature };
		});
	});
}
