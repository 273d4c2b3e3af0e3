/**
 * What the host says of its people that asks nobody (ADR 0009): once a week how often each is there, and that the host
 * acted upon an account, for as long as it says so. Here is noted that it was said, and by what a word is known again; the
 * word itself is read by the door, when it leaves.
 */
import { createHmac } from "node:crypto";
import {
	type AccountId,
	dueAfter,
	isResidual,
	type ResidualPurpose,
	USAGE,
	type UsageClass,
	utcDayOf,
} from "@troth/protocol";
import { partOf } from "@troth/storage";
import type { Kysely, Transaction } from "kysely";
import { maySay } from "../../asking/may-say.ts";
import { shareKeyOf } from "../../consent/share-key.ts";
import { nextGeneration, takeBack, tell } from "../../consent/tell.ts";
import { countUse } from "../../consent/usage-sums.ts";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";
import { type HostPurpose, isHostPurpose } from "../facts/host-facts.ts";
import { everybody, type Known } from "../people/everybody.ts";
import { consentOf } from "../people/people.ts";
import type { BesideRecords, SaidWordTable } from "../records/schema.ts";
import { isObjected } from "./objections.ts";

type WordPurpose = HostPurpose & ResidualPurpose;

/** One look at everybody. What the host does not answer is left for the next one. Rejects with StoreError. */
export async function sayWords(context: BesideContext): Promise<void> {
	if (purposesOf(context).length === 0) return;
	try {
		for await (const people of everybody(context.records))
			for (const person of people) await sayWordsOf(context, person);
	} catch (error) {
		if (!(error instanceof FieldsUnavailable)) throw error;
		context.events.hostUnavailable();
	}
}

/** What is to be said of one person now, and what is to be taken back. Rejects with FieldsUnavailable. */
export async function sayWordsOf(context: BesideContext, person: Known): Promise<void> {
	for (const purpose of purposesOf(context))
		if (purpose === USAGE) await sayUse(context, person);
		else await sayAction(context, person, purpose);
}

/** Those of the version in force, and those under which something was said: it may have to be taken back. */
function purposesOf({ terms }: BesideContext): readonly WordPurpose[] {
	const ids = terms.versions.flatMap(({ policy }) => [...policy.purposes.keys()]);
	return [...new Set(ids)].filter((id): id is WordPurpose => isHostPurpose(id) && isResidual(id));
}

async function sayUse(context: BesideContext, { account_id: account, host_id: hostId }: Known): Promise<void> {
	const { records, clock, facts } = context;
	const today = utcDayOf(clock.now());
	const may = (await isUseDue(records, account, today)) ? await mayTell(context, account, USAGE) : "wait";
	// What is counted together is looked at now; what is said of somebody the door reads when it leaves.
	const usageClass = may === "count" ? (await facts.read(USAGE, hostId))?.usage_class : undefined;
	if (may !== "say" && usageClass == null) return;
	await records.transaction().execute(async (transaction) => {
		// Two looks at once: the one that was first has said it.
		if (!(await isHere(transaction, account)) || !(await isUseDue(transaction, account, today))) return;
		if (may === "say") await say(context, transaction, account, USAGE, today, "");
		else await count(transaction, account, today, usageClass as UsageClass);
	});
}

/** On its own day of the week; a week in which nobody looked on that day is made up for. */
async function isUseDue(records: Kysely<BesideRecords>, account: AccountId, today: number): Promise<boolean> {
	const said = await records
		.selectFrom("said_word")
		.select("generation")
		.where("account_id", "=", account)
		.where("purpose", "=", USAGE)
		.executeTakeFirst();
	return said === undefined ? dueAfter(account, today - 1) === today : dueAfter(account, said.generation) <= today;
}

async function sayAction(
	context: BesideContext,
	{ account_id: account, host_id: hostId }: Known,
	purpose: Exclude<WordPurpose, typeof USAGE>,
): Promise<void> {
	const { records, facts, terms, clock } = context;
	const values = await facts.read(purpose, hostId);
	const words = terms.current.purposes.get(purpose)?.hash;
	const word = values?.label == null || words === undefined ? undefined : JSON.stringify([purpose, words, values]);
	const may = word !== undefined && (await mayTell(context, account, purpose)) === "say";
	await records.transaction().execute(async (transaction) => {
		if (!(await isHere(transaction, account))) return;
		const nowMs = clock.now();
		const objected = await isObjected(transaction, account, purpose, word === undefined ? undefined : values, nowMs);
		const digest = word === undefined || objected ? undefined : await digestOf(transaction, account, word, nowMs);
		const said = await transaction
			.selectFrom("said_word")
			.select("digest")
			.where("account_id", "=", account)
			.where("purpose", "=", purpose)
			.executeTakeFirst();
		if (said?.digest === digest) return;
		if (said !== undefined) {
			await takeBack(consentOf(transaction), { account, purpose, nowMs });
			await transaction
				.deleteFrom("said_word")
				.where("account_id", "=", account)
				.where("purpose", "=", purpose)
				.execute();
		}
		if (!may || digest === undefined) return;
		const generation = await nextGeneration(consentOf(transaction), { account, purpose, nowMs });
		await say(context, transaction, account, purpose, generation, digest);
	});
}

/** Notes that it is said, and asks the door to say it to each recipient. */
async function say(
	{ terms, sharing, clock }: BesideContext,
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	purpose: WordPurpose,
	generation: number,
	digest: string,
): Promise<void> {
	await note(transaction, { account_id: account, purpose, generation, digest });
	const named = terms.current.purposes.get(purpose)?.recipients ?? [];
	const recipients = named.filter((id) => sharing.recipients.some((there) => there.id === id));
	await tell(consentOf(transaction), { account, purpose, recipients, generation, nowMs: clock.now() });
}

/** Notes that somebody is counted this week, and nothing else of them. */
async function count(
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	today: number,
	usageClass: UsageClass,
): Promise<void> {
	await note(transaction, { account_id: account, purpose: USAGE, generation: today, digest: "" });
	await countUse(partOf(transaction), today, usageClass);
}

async function note(transaction: Transaction<BesideRecords>, word: SaidWordTable): Promise<void> {
	await transaction
		.insertInto("said_word")
		.values(word)
		.onConflict((conflict) => conflict.columns(["account_id", "purpose"]).doUpdateSet(word))
		.execute();
}

function mayTell({ records, terms, clock }: BesideContext, account: AccountId, purpose: WordPurpose) {
	return maySay({ records: partOf(records), terms, clock }, account, purpose);
}

/** They may have left while the host was asked. */
async function isHere(transaction: Transaction<BesideRecords>, account: AccountId): Promise<boolean> {
	const row = await transaction
		.selectFrom("person")
		.select("account_id")
		.where("account_id", "=", account)
		.executeTakeFirst();
	return row !== undefined;
}

/** By what a word is known again without being kept: a MAC under a key that is deleted with the account. */
async function digestOf(
	transaction: Transaction<BesideRecords>,
	account: AccountId,
	word: string,
	nowMs: number,
): Promise<string> {
	const key = await shareKeyOf(consentOf(transaction), account, nowMs);
	return createHmac("sha256", key).update(`troth/v1/beside/said-word\0${word}`).digest("hex");
}
