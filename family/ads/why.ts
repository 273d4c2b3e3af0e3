/** "Why am I seeing this?": everything that had a part in it, and nothing that did not. */
import type { KeyKind } from "../audiences/payload.ts";
import type { LIST_BASES, LIST_ORIGINS } from "../audiences/tables.ts";
import type { FamilyContext } from "../context.ts";
import type { PersonId } from "../people/person.ts";
import type { AdAccountId } from "./tables.ts";

/** What the match rests on. */
export interface Ground {
	/** `share`: it came from the messenger, under the person's yes there. `self`: the person gave it here. */
	readonly source: "share" | "self";
	readonly purpose: "relevant_ads";
	/** The purpose in the words that the person decided upon; `share` only. */
	readonly title?: string;
	/** Of the policy it was shared under; `share` only. */
	readonly policyVersion?: number;
	readonly policyHash?: string;
	readonly sinceMs: number;
}

export interface WhyList {
	readonly uploadedAtMs: number | null;
	readonly matchedBy: KeyKind;
	/** As the advertiser declared it; null where it did not say. */
	readonly origin: (typeof LIST_ORIGINS)[number] | null;
	readonly basis: (typeof LIST_BASES)[number] | null;
	readonly grounds: readonly Ground[];
}

export interface Why {
	readonly advertiser: { readonly id: AdAccountId; readonly name: string; readonly hidden: boolean };
	readonly paidBy: string;
	readonly beneficiary: string;
	readonly shownAtMs: number;
	readonly audienceSource: "list" | "everybody";
	/** Undefined where no list had a part in it. */
	readonly list: WhyList | undefined;
}

/** Undefined where the person has no such impression (any more). */
export async function explain(
	{ records }: Pick<FamilyContext, "records">,
	person: PersonId,
	impression: string,
): Promise<Why | undefined> {
	const row = await records
		.selectFrom("impression")
		.innerJoin("ad", "ad.ad_id", "impression.ad_id")
		.innerJoin("ad_set", "ad_set.ad_set_id", "impression.ad_set_id")
		.innerJoin("ad_account", "ad_account.account_id", "ad.account_id")
		.leftJoin("audience", "audience.audience_id", "impression.audience_id")
		.leftJoin("hidden_advertiser", (join) =>
			join
				.onRef("hidden_advertiser.account_id", "=", "ad.account_id")
				.onRef("hidden_advertiser.person_id", "=", "impression.person_id"),
		)
		.select(["ad_account.account_id", "ad_account.name", "payor", "beneficiary", "impression.at_ms", "matched_by"])
		.select(["uploaded_at_ms", "list_origin", "list_basis", "hidden_advertiser.at_ms as hidden_at_ms"])
		.where("impression_id", "=", impression)
		.where("impression.person_id", "=", person)
		.executeTakeFirst();
	if (row === undefined) return undefined;
	return {
		advertiser: { id: row.account_id, name: row.name, hidden: row.hidden_at_ms !== null },
		paidBy: row.payor,
		beneficiary: row.beneficiary,
		shownAtMs: row.at_ms,
		audienceSource: row.matched_by === null ? "everybody" : "list",
		list:
			row.matched_by === null
				? undefined
				: {
						uploadedAtMs: row.uploaded_at_ms,
						matchedBy: row.matched_by,
						origin: row.list_origin,
						basis: row.list_basis,
						grounds: await groundsOf({ records }, person, row.matched_by),
					},
	};
}

async function groundsOf(
	{ records }: Pick<FamilyContext, "records">,
	person: PersonId,
	matchedBy: KeyKind,
): Promise<readonly Ground[]> {
	const purpose = "relevant_ads";
	if (matchedBy === "email") {
		const choice = await records
			.selectFrom("ad_choice")
			.select("at_ms")
			.where("person_id", "=", person)
			.where("choice", "=", "on")
			.executeTakeFirst();
		return choice === undefined ? [] : [{ source: "self", purpose, sinceMs: choice.at_ms }];
	}
	const keys = await records
		.selectFrom("match_key")
		.leftJoin("shared_item", (join) =>
			join
				.onRef("shared_item.subject", "=", "match_key.subject")
				.onRef("shared_item.purpose", "=", "match_key.purpose"),
		)
		.select(["source", "since_ms", "match_key.policy_hash", "policy_version", "purpose_title"])
		.where("match_key.person_id", "=", person)
		.where("match_key.purpose", "=", purpose)
		.orderBy("source", "desc")
		.execute();
	return keys.map((key) => {
		const given = { source: key.source, purpose, sinceMs: key.since_ms } as const;
		if (key.source === "self") return given;
		return {
			...given,
			policyHash: key.policy_hash,
			...(key.purpose_title !== null && { title: key.purpose_title }),
			...(key.policy_version !== null && { policyVersion: key.policy_version }),
		};
	});
}
