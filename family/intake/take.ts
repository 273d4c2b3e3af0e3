/**
 * What becomes of an item that is believed, inside one transaction: kept where an account here is its person's (C3),
 * dropped or stale where not, recalled with all that was derived from it.
 */
import { isResidual } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import type { Transaction } from "kysely";
import { useNonce } from "../connect/connect.ts";
import type { FamilyContext } from "../context.ts";
import { isMinor, type PersonId } from "../people/person.ts";
import type { Records, SharedItemRow } from "../records/schema.ts";
import { highWater } from "./high-water.ts";
import { removeItem } from "./items.ts";
import type { BelievedShare, DeviceFacts } from "./judge.ts";
import type { Keeping } from "./keeping.ts";
import type { Known } from "./known.ts";
import { removeResidual } from "./residual.ts";

type Needs = Pick<FamilyContext, "matchKeys" | "clock" | "keys">;

/** What the items of one request are taken with. */
export interface Taking {
	readonly transaction: Transaction<Records>;
	readonly known: Known;
	readonly keeping: Keeping;
}

export type ShareOutcome = "kept" | "dropped" | "stale" | "refused";

interface Attached {
	readonly person: PersonId;
	readonly by: SharedItemRow["attached_by"];
}

const DAY_MS = 24 * 3600 * 1000;

/** `refused` only where the subject came with another consent key before: then nothing is changed. */
export async function takeShare(context: Needs, taking: Taking, share: BelievedShare): Promise<ShareOutcome> {
	const { transaction, known, keeping } = taking;
	const { subject, purpose, generation, grant } = share.record;
	const pin = await known.pin(subject);
	if (pin !== undefined && !Buffer.from(pin).equals(share.consentKey)) return "refused";
	if (generation <= (await known.highWater(subject, purpose))) return "stale";
	const before = await known.item(subject, purpose);
	if (before !== undefined && before.generation > generation) return "stale";
	// The bridge did not hear the answer and asks again: its nonce is used up, by this very grant.
	if (before?.grant_hash === grant && share.values.purpose === "account_linking") return "kept";

	const attached = await accountOf(context, taking, share);
	// A newer yes replaces the older one even where it finds nobody.
	if (before !== undefined) {
		await keeping.write();
		await removeItem(context, transaction, subject, purpose);
		known.deleted();
	}
	if (attached === undefined) return "dropped";
	await keep(context, taking, share, attached);
	return "kept";
}

/** Whose account is it? Who verified the number, else whom the subject is linked to (C3). Never a stored guess. */
async function accountOf(
	{ clock, keys: { tags } }: Needs,
	{ transaction, known }: Taking,
	{ record, values }: BelievedShare,
): Promise<Attached | undefined> {
	if (values.purpose === "account_linking") {
		const person = await useNonce(transaction, values.nonce, clock.now());
		return person && { person, by: "link" };
	}
	const holder = await known.holder(tags.people(values.phone));
	const linked = holder === undefined ? await known.linkedTo(record.subject) : undefined;
	const attached: Attached | undefined =
		holder !== undefined ? { person: holder, by: "number" } : linked && { person: linked, by: "link" };
	// Minors get no profiled ads (B11), so their number is not wanted for it.
	const profiled = attached !== undefined && values.purpose === "relevant_ads";
	return profiled && isMinor(await known.birthYear(attached.person), clock.now()) ? undefined : attached;
}

async function keep(
	context: Needs,
	{ transaction, known, keeping }: Taking,
	{ record, policy, consentKey, values }: BelievedShare,
	{ person, by }: Attached,
): Promise<void> {
	const { clock, keys } = context;
	const { subject, purpose, generation, policyHash, purposeHash, grant } = record;
	const now = clock.now();
	if (values.purpose === "account_linking") {
		await keeping.write();
		await link(context, transaction, subject, person);
		known.forget();
	}
	// Facts about a device are kept of linked accounts only (C1).
	const facts = (await known.linkedTo(subject)) === person ? values.device : NO_FACTS;
	known.kept(subject, purpose, consentKey, { generation, grant_hash: grant });
	keeping.add({
		pin: { subject, consent_key: consentKey },
		item: {
			subject,
			purpose,
			generation,
			person_id: person,
			attached_by: by,
			policy_hash: policyHash,
			purpose_hash: purposeHash,
			grant_hash: grant,
			policy_version: policy.version,
			purpose_title: policy.title,
			...facts,
			received_at_ms: now,
			expires_at_ms: now + policy.retentionDays * DAY_MS,
		},
		matchKey:
			values.purpose === "account_linking"
				? undefined
				: {
						person_id: person,
						purpose: values.purpose,
						source: "share",
						subject,
						generation,
						policy_hash: policyHash,
						tag: values.purpose === "friend_suggestions" ? keys.tags.book(values.phone) : keys.tags.list(values.phone),
						since_ms: now,
					},
	});
}

/** One account there, one here: what either was linked to before is undone. */
async function link(
	context: Needs,
	transaction: Transaction<Records>,
	subject: string,
	person: PersonId,
): Promise<void> {
	const before = await transaction
		.selectFrom("account_link")
		.select("subject")
		.where("person_id", "=", person)
		.executeTakeFirst();
	if (before !== undefined) await removeItem(context, transaction, before.subject, "account_linking");
	await transaction
		.insertInto("account_link")
		.values({ subject, person_id: person, linked_at_ms: context.clock.now() })
		.execute();
}

const NO_FACTS: DeviceFacts = { device_type: null, os: null, app_version: null };

/**
 * Deletes the item and everything derived from it; nothing is left but the generation that it reached, for ever, so that
 * a share that was overtaken is known when it comes.
 */
export async function takeRecall(
	context: Pick<FamilyContext, "matchKeys" | "clock" | "consumers">,
	transaction: Transaction<Records>,
	{ subject, purpose, generation }: ShareRecord,
): Promise<void> {
	const reached = Math.max(generation, await highWater(transaction, subject, purpose));
	await transaction
		.insertInto("high_water")
		.values({ subject, purpose, generation: reached })
		.onConflict((conflict) => conflict.columns(["subject", "purpose"]).doUpdateSet({ generation: reached }))
		.execute();
	if (isResidual(purpose)) return removeResidual(context, transaction, { subject, purpose, generation });
	const item = await transaction
		.selectFrom("shared_item")
		.select("generation")
		.where("subject", "=", subject)
		.where("purpose", "=", purpose)
		.executeTakeFirst();
	if (item !== undefined && item.generation <= generation) await removeItem(context, transaction, subject, purpose);
}
