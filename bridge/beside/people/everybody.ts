import type { AccountId } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { BesideRecords } from "../records/schema.ts";

/** Somebody who was here. */
export interface Known {
	readonly account_id: AccountId;
	readonly host_id: string;
}

const PEOPLE_AT_ONCE = 200;

/** Everybody who was ever here and has not left, some at a time. */
export async function* everybody(records: Kysely<BesideRecords>): AsyncGenerator<readonly Known[], void, undefined> {
	for (let after = "" as AccountId; ; ) {
		const people = await records
			.selectFrom("person")
			.select(["account_id", "host_id"])
			.where("account_id", ">", after)
			.orderBy("account_id")
			.limit(PEOPLE_AT_ONCE)
			.execute();
		const last = people.at(-1);
		if (last === undefined) return;
		after = last.account_id;
		yield people;
	}
}
