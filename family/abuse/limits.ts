/** What labels change for people here: few friend requests and few posts a day, and everything else as before. */
import type { AbusePurpose } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import type { FamilyContext } from "../context.ts";
import { Problem } from "../http/problem.ts";
import type { PersonId } from "../people/person.ts";
import type { Records } from "../records/schema.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What a person with a label for spam may do within a day. */
export const A_DAY = { requests: 1, posts: 2 } as const;

/** One label about a person, wherever it comes from. */
export interface LabelOf {
	readonly purpose: AbusePurpose;
	readonly label: string;
	readonly scoreClass: string | null;
	readonly caseId: string | null;
	/** By the messenger's operator, or by this company's own. */
	readonly by: "messenger" | "us";
	readonly sinceMs: number;
	/** Where to object; empty where the policy said nothing. */
	readonly contact: string;
}

/** The labels that hold for a person now. */
export async function labelsOf(
	records: Kysely<Records> | Transaction<Records>,
	person: PersonId,
	nowMs: number,
): Promise<readonly LabelOf[]> {
	const told = await records
		.selectFrom("told_label")
		.innerJoin("verified_phone", "verified_phone.pair_name", "told_label.subject")
		.selectAll("told_label")
		.where("verified_phone.person_id", "=", person)
		.orderBy("told_label.purpose")
		.execute();
	const own = await records
		.selectFrom("own_label")
		.selectAll()
		.where("person_id", "=", person)
		.where("until_ms", ">", nowMs)
		.execute();
	return [
		...told.map((row): LabelOf => {
			const { purpose, label, score_class: scoreClass, case_id: caseId, told_at_ms: sinceMs, contact } = row;
			return { purpose, label, scoreClass, caseId, by: "messenger", sinceMs, contact };
		}),
		...own.map((row): LabelOf => {
			const { label, score_class: scoreClass, since_ms: sinceMs } = row;
			return { purpose: "spam_and_abuse", label, scoreClass, caseId: null, by: "us", sinceMs, contact: "" };
		}),
	];
}

/** Throws Problem LIMITED where a person with a label for spam has done this often enough for a day. */
export async function holdToLimits(
	{ records, clock }: Pick<FamilyContext, "records" | "clock">,
	person: PersonId,
	what: keyof typeof A_DAY,
): Promise<void> {
	const now = clock.now();
	const labels = await labelsOf(records, person, now);
	if (!labels.some(({ purpose }) => purpose === "spam_and_abuse")) return;
	const times = what === "posts" ? await postsOf(records, person, now) : await requestsOf(records, person, now);
	const [oldest] = times.slice(-A_DAY[what]);
	if (times.length < A_DAY[what] || oldest === undefined) return;
	throw new Problem("LIMITED", "A limit is on your account. “What we know” says why, and how to object.", {
		retryAtMs: oldest + DAY_MS,
	});
}

/** When, within the last day, the oldest first. */
async function postsOf(records: Kysely<Records>, person: PersonId, nowMs: number): Promise<readonly number[]> {
	const rows = await records
		.selectFrom("post")
		.select("at_ms")
		.where("person_id", "=", person)
		.where("at_ms", ">", nowMs - DAY_MS)
		.orderBy("at_ms")
		.execute();
	return rows.map(({ at_ms }) => at_ms);
}

/** Those that wait and those that were accepted: who was turned down may be asked less, not more. */
async function requestsOf(records: Kysely<Records>, person: PersonId, nowMs: number): Promise<readonly number[]> {
	const waiting = await records
		.selectFrom("friend_request")
		.select("at_ms")
		.where("from_person_id", "=", person)
		.where("at_ms", ">", nowMs - DAY_MS)
		.execute();
	const accepted = await records
		.selectFrom("friendship")
		.select("since_ms as at_ms")
		.where("person_id", "=", person)
		.where("since_ms", ">", nowMs - DAY_MS)
		.execute();
	return [...waiting, ...accepted].map(({ at_ms }) => at_ms).sort((a, b) => a - b);
}
