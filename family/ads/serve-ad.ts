/**
 * Chooses the ad for one person at one moment and counts it. All of it is one transaction: a recall is either before,
 * and then nothing of what was shared is looked at, or after, and then it takes the impression with it.
 */
import { randomBytes, randomInt } from "node:crypto";
import { ID_BYTES, toHex } from "@troth/protocol";
import { sql, type Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import type { PersonId, Viewer } from "../people/person.ts";
import type { Records } from "../records/schema.ts";
import { qualityOf, runAuction } from "./auction.ts";
import { type Candidate, dayOf, findCandidates } from "./candidates.ts";
import { type AdSignals, choiceOf } from "./choice.ts";
import { type ListOfPerson, listsOfPerson } from "./lists-of-person.ts";
import { isEligible } from "./targeting.ts";

const DAY_MS = 24 * 3600 * 1000;
/** How long "why am I seeing this?" can be asked, where no frequency window needs the row longer. */
const EXPLAINED_MS = 30 * DAY_MS;
const LOTS = 2 ** 32;

export interface ServedAd {
	/** In the address of the explanation. */
	readonly impression: string;
	readonly advertiser: string;
	readonly title: string;
	readonly message: string;
	readonly link: string;
}

/** Undefined where no ad may be shown, or none wants to be. */
export async function serveAd(
	context: FamilyContext,
	viewer: Viewer,
	signals: AdSignals,
): Promise<ServedAd | undefined> {
	const { records, clock } = context;
	const now = clock.now();
	return records.transaction().execute(async (transaction) => {
		const lists = await usableLists(context, transaction, viewer, signals, now);
		const facts = { age: ageOf(viewer, now), lists: lists && new Set(lists.map(({ audience }) => audience)) };
		const hidden = await hiddenBy(transaction, viewer.person);
		const able: Candidate[] = [];
		for (const candidate of await findCandidates(transaction, now)) {
			if (hidden.has(candidate.account) || !isEligible(candidate.rules, facts)) continue;
			if (await isWorn(transaction, viewer.person, candidate, now)) continue;
			able.push(candidate);
		}
		const known = new Set(lists?.filter(({ own }) => own).map(({ account }) => account));
		const sale = runAuction(
			able.map(({ ad, bid, account, impressions, hides }) => {
				const quality = qualityOf(impressions, hides);
				return { ad, bid, quality, known: known.has(account), lot: randomInt(LOTS - 1) / LOTS };
			}),
		);
		const winner = able.find(({ ad }) => ad === sale?.ad);
		if (sale === undefined || winner === undefined) return undefined;
		const impression = await count(
			transaction,
			viewer.person,
			winner,
			listBehind(winner, lists ?? []),
			sale.price,
			now,
		);
		const { advertiser, title, message, link } = winner;
		return { impression, advertiser, title, message, link };
	});
}

/**
 * The lists that may decide about ads for this person now; undefined where no profiled ad may be shown at all: to
 * minors, to people who said no here, and to browsers that say no. A list with fewer people than the floor is none.
 */
async function usableLists(
	{ listFloor }: FamilyContext,
	transaction: Transaction<Records>,
	{ person, minor }: Viewer,
	{ gpc, optedOut }: AdSignals,
	nowMs: number,
): Promise<readonly ListOfPerson[] | undefined> {
	if (minor || gpc || optedOut || (await choiceOf(transaction, person)) === "off") return undefined;
	const lists = await listsOfPerson(transaction, person, nowMs);
	return lists.filter(({ members }) => members >= listFloor);
}

/** Only the year of birth is known: this is the least they can be. */
function ageOf({ birthYear }: Viewer, nowMs: number): number {
	return new Date(nowMs).getUTCFullYear() - birthYear - 1;
}

async function hiddenBy(transaction: Transaction<Records>, person: PersonId): Promise<ReadonlySet<string>> {
	const rows = await transaction
		.selectFrom("hidden_advertiser")
		.select("account_id")
		.where("person_id", "=", person)
		.execute();
	return new Set(rows.map(({ account_id }) => account_id));
}

/** Has the person seen this ad set as often as its frequency cap allows? */
async function isWorn(
	transaction: Transaction<Records>,
	person: PersonId,
	{ adSet, frequency }: Candidate,
	nowMs: number,
): Promise<boolean> {
	if (frequency === undefined) return false;
	const { seen } = await transaction
		.selectFrom("impression")
		.select(({ fn }) => fn.countAll<number>().as("seen"))
		.where("person_id", "=", person)
		.where("ad_set_id", "=", adSet)
		.where("at_ms", ">", nowMs - frequency.days * DAY_MS)
		.executeTakeFirstOrThrow();
	return seen >= frequency.most;
}

/** The list that had a part in it: one the ad set is for, else the advertiser's own that ranked it higher. */
function listBehind({ rules, account }: Candidate, lists: readonly ListOfPerson[]): ListOfPerson | undefined {
	return (
		lists.find(({ audience }) => rules.included.has(audience)) ??
		lists.find((list) => list.own && list.account === account)
	);
}

async function count(
	transaction: Transaction<Records>,
	person: PersonId,
	{ ad, adSet, frequency }: Candidate,
	list: ListOfPerson | undefined,
	price: number,
	nowMs: number,
): Promise<string> {
	const impression_id = toHex(randomBytes(ID_BYTES));
	await transaction
		.insertInto("impression")
		.values({
			impression_id,
			person_id: person,
			ad_id: ad,
			ad_set_id: adSet,
			audience_id: list?.audience ?? null,
			matched_by: list?.matchedBy ?? null,
			at_ms: nowMs,
			expires_at_ms: nowMs + Math.max(EXPLAINED_MS, (frequency?.days ?? 0) * DAY_MS),
		})
		.execute();
	await transaction
		.insertInto("ad_spend")
		.values({ ad_set_id: adSet, day: dayOf(nowMs), impressions: 1, thousandths: price })
		.onConflict((conflict) =>
			conflict.columns(["ad_set_id", "day"]).doUpdateSet({
				impressions: sql`ad_spend.impressions + 1`,
				thousandths: sql`ad_spend.thousandths + ${price}`,
			}),
		)
		.execute();
	await transaction.updateTable("ad").set({ impressions: sql`impressions + 1` }).where("ad_id", "=", ad).execute();
	return impression_id;
}
