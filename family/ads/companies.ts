/** The companies with a list that a person is on. Never which lists, or what they are called. */
import type { FamilyContext } from "../context.ts";
import type { PersonId } from "../people/person.ts";
import type { AdAccountId } from "./tables.ts";

export interface CompanyWithList {
	readonly id: AdAccountId;
	readonly name: string;
	/** The last upload to any of its lists that the person is on. */
	readonly uploadedAtMs: number | null;
	readonly hidden: boolean;
}

/** By name; companies that the person hid are among them, so that they can be shown again. */
export async function companiesOf(
	{ records }: Pick<FamilyContext, "records">,
	person: PersonId,
): Promise<readonly CompanyWithList[]> {
	const listed = await records
		.selectFrom("audience_member")
		.innerJoin("audience", "audience.audience_id", "audience_member.audience_id")
		.innerJoin("ad_account", "ad_account.account_id", "audience.account_id")
		.select(["ad_account.account_id", "ad_account.name"])
		.select(({ fn }) => fn.max("uploaded_at_ms").as("uploaded_at_ms"))
		.where("person_id", "=", person)
		.groupBy(["ad_account.account_id", "ad_account.name"])
		.execute();
	const hidden = await records
		.selectFrom("hidden_advertiser")
		.innerJoin("ad_account", "ad_account.account_id", "hidden_advertiser.account_id")
		.select(["ad_account.account_id", "ad_account.name"])
		.where("person_id", "=", person)
		.execute();
	const hiddenIds = new Set(hidden.map(({ account_id }) => account_id));
	const companies = new Map(
		hidden.map(({ account_id: id, name }) => [id, { id, name, uploadedAtMs: null, hidden: true } as CompanyWithList]),
	);
	for (const { account_id: id, name, uploaded_at_ms: uploadedAtMs } of listed) {
		companies.set(id, { id, name, uploadedAtMs, hidden: hiddenIds.has(id) });
	}
	return [...companies.values()].sort((a, b) => a.name.localeCompare(b.name, "en"));
}
