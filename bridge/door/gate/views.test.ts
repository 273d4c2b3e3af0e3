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
import { type AccountId, type ChoicePurpose, ConsentGrantSchema, LABELS, type PhoneNumber } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { rounds } from "@troth/protocol/_rounds.ts";
import { subjectAt } from "@troth/transparency";
import fc from "fast-check";
import { type PurposeShape, policyOf } from "../../_policies.ts";
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
}

interface SomePerson {
	readonly gone: boolean;
	/** The version that was accepted. */
	readonly accepted: 0 | 1 | undefined;
	readonly acceptedDaysAgo: number;
	/** Days since the deadline of a newer version; negative before it, undefined where nothing waits. */
	readonly overdueDays: number | undefined;
	readonly linked: boolean;
	readonly answers: Readonly<Record<ChoicePurpose, Answer | undefined>>;
}

const row = fc.record({
	wording: fc.constantFrom(1, 1, 1, 2),
	optOut: fc.constantFrom(false, false, true),
	both: fc.constantFrom(true, true, true, false),
});
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 8 });
const perPurpose = <T>(of: (purpose: ChoicePurpose) => fc.Arbitrary<T>) =>
	fc.record({
		friend_suggestions: of("friend_suggestions"),
		relevant_ads: of("relevant_ads"),
		account_linking: of("account_linking"),
	});
/** Linking is a consent, and at the family alone, in every policy. */
const version = perPurpose((purpose) =>
	some(purpose === "account_linking" ? row.map((one) => ({ ...one, optOut: false, both: false })) : row),
);
/** The second version mostly leaves a purpose as it is. */
const versions: fc.Arbitrary<readonly [Version, Version]> = fc
	.tuple(
		version,
		version,
		perPurpose(() => fc.constantFrom(true, true, true, true, false)),
	)
	.map(([first, other, kept]) => [
		first,
		Object.fromEntries(PURPOSES.map((purpose) => [purpose, (kept[purpose] ? first : other)[purpose]])) as Version,
	]);
const YES = ["granted", "granted", "granted"] as const;
const person: fc.Arbitrary<SomePerson> = fc.record({
	gone: fc.noBias(fc.integer({ min: 0, max: 29 })).map((one) => one === 0),
	accepted: fc.constantFrom<0 | 1 | undefined>(0, 0, 0, 0, 1, 1, 1, 1, 1, undefined),
	acceptedDaysAgo: fc.constantFrom(0, 29, 30, 31, 32, 400),
	overdueDays: fc.noBias(fc.integer({ min: -12, max: 1 })).map((days) => (days < -4 ? undefined : days)),
	linked: fc.constantFrom(true, true, false),
	answers: perPurpose(() =>
		some(
			fc.record<Answer>({
				state: fc.constantFrom(...YES, ...YES, "refused", "withdrawn"),
				to: fc.constantFrom(0, 1),
				generation: fc.integer({ min: 1, max: 3 }),
				signed: fc.noBias(fc.integer({ min: 0, max: 9 })).map((one) => one > 0),
			}),
		),
	),
});

/** The plain sentence. Gives the values that reach this recipient, or undefined. */
function flows(
	versions: readonly [Version, Version],
	{ gone, accepted, acceptedDaysAgo, overdueDays, linked, answers }: SomePerson,
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
			for (const somebody of group) {
				people++;
				const account = people.toString(16).padStart(32, "0") as AccountId;
				const phone = `+1555${people.toString().padStart(7, "0")}` as PhoneNumber;
				const shareKey = randomBytes(32);
				const hashOf = (at: 0 | 1, purpose: ChoicePurpose) =>
					Buffer.from([first, second][at]?.purposes.get(purpose)?.hash ?? "00".repeat(32), "hex");
				await store(records, { account, phone, shareKey, somebody, hashOf, nowMs: clock.now() });
				for (const purpose of PURPOSES)
					for (const recipient of RECIPIENTS) {
						const said = somebody.answers[purpose]?.generation ?? 1;
						// Now and then somebody asks for the yes before this one.
						const generation = people % 10 === 0 ? said - 1 : said;
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
						asked++;
						if (minted.permit) permitted++;
						else reasons.set(minted.reason, (reasons.get(minted.reason) ?? 0) + 1);
					}
			}
		}),
		{ numRuns: rounds(60) },
	);
	assert.ok(permitted >= asked / 7, `${permitted} of ${asked} flow: too few to tell anything`);
	for (const reason of EVERY_REASON) assert.ok((reasons.get(reason) ?? 0) >= 4, `${reason}: ${reasons.get(reason)}`);
});

/** All that the gate can say here. */
const EVERY_REASON = [
	...["CLOSED", "SUSPENDED", "NOT_ACCEPTED", "PURPOSE_NOT_CURRENT", "PURPOSE_NOT_ACCEPTED", "PURPOSE_CHANGED"],
	...["RECIPIENT_NOT_LISTED", "REFUSED", "WITHDRAWN", "NOT_GRANTED", "GRANT_OUTDATED", "EMBARGO"],
	...["NOTHING_TO_SHARE", "GRANT_INVALID", "GENERATION_OVER"],
];

interface Stored {
	readonly account: AccountId;
	readonly phone: PhoneNumber;
	readonly shareKey: Uint8Array;
	readonly somebody: SomePerson;
	readonly hashOf: (at: 0 | 1, purpose: ChoicePurpose) => Uint8Array;
	readonly nowMs: number;
}

/** Writes the person as the messenger's transactions would have left them. */
async function store(
	{ db }: TestRecords,
	{ account, phone, shareKey, somebody, hashOf, nowMs }: Stored,
): Promise<void> {
	const none = new Uint8Array();
	const { gone, accepted, acceptedDaysAgo, overdueDays, linked, answers } = somebody;
	await db.transaction().execute(async (records) => {
		if (gone) return;
		const list = { list_version: 1, list_statement: none, list_signature: none };
		await records
			.insertInto("account")
			.values({ account_id: account, phone, identity_key: none, ...list, created_at_ms: 0 })
			.execute();
		const deadlineMs = overdueDays === undefined ? null : nowMs - overdueDays * DAY_MS;
		await records
			.insertInto("standing")
			.values({
				account_id: account,
				accepted_version: accepted === undefined ? null : accepted + 2,
				accepted_at_ms: accepted === undefined ? null : nowMs - acceptedDaysAgo * DAY_MS,
				notice_version: deadlineMs === null ? null : 4,
				notice_displayed_at_ms: deadlineMs === null ? null : deadlineMs - 30 * DAY_MS,
				deadline_ms: deadlineMs,
				time_ms: 0,
			})
			.execute();
		if (linked)
			await records
				.insertInto("device_facts")
				.values({ account_id: account, ...FACTS, at_ms: 0 })
				.execute();
		for (const purpose of PURPOSES) {
			const answer = answers[purpose];
			if (answer === undefined) continue;
			const { state, generation, to, signed } = answer;
			const purposeHash = hashOf(to, purpose);
			const choice = { purpose, state, generation, purpose_hash: purposeHash, decided_at_ms: 0, event_id: "" };
			await records
				.insertInto("consent_choice")
				.values({ account_id: account, ...choice })
				.execute();
			if (state !== "granted" || !signed) continue;
			for (const recipient of RECIPIENTS) {
				const { statement, signature } = SIGNER.sign(
					LABELS.consentGrant,
					toBinary(
						ConsentGrantSchema,
						create(ConsentGrantSchema, {
							...{ recipient, purpose, purposeHash, generation, consentKey: SIGNER.publicKey },
							subject: subjectAt(shareKey, recipient),
							...(purpose === "account_linking" && {
								link: {
									nonce: Buffer.from(FACTS.link_assertion, "hex"),
									deviceType: FACTS.device_type,
									os: FACTS.os,
									appVersion: FACTS.app_version,
								},
							}),
						}),
					),
				);
				await records
					.insertInto("consent_grant")
					.values({ account_id: account, purpose, recipient, generation, statement, signature })
					.execute();
			}
		}
	});
}
