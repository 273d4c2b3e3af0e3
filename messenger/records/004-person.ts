/** Where people live, whether they are of age, and how their choices were shown to them (`bridge/consent/tables.ts`). */
import { fromBinary } from "@bufbuild/protobuf";
import { addPersonColumns } from "@troth/bridge/consent/create-tables.ts";
import { ConsentDecisionSchema } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import { regionOfNumber } from "../accounts/phone-numbers.ts";
import type { Records } from "./schema.ts";

const PAGE = 1000;

async function up(db: Kysely<unknown>): Promise<void> {
	await addPersonColumns(db);
	const records = db as Kysely<Records>;
	await placeExisting(records);
	await recallHowShown(records);
}

/** Everybody who has an account already, by the number they have. */
async function placeExisting(db: Kysely<Records>): Promise<void> {
	let after = "";
	for (;;) {
		const page = await db
			.selectFrom("account")
			.select(["account_id", "phone"])
			.where("account_id", ">", after as never)
			.orderBy("account_id")
			.limit(PAGE)
			.execute();
		const byRegion = Map.groupBy(page, ({ phone }) => regionOfNumber(phone) ?? null);
		for (const [region, accounts] of byRegion)
			await db
				.updateTable("standing")
				.set({ number_region: region })
				.where(
					"account_id",
					"in",
					accounts.map(({ account_id }) => account_id),
				)
				.execute();
		const last = page.at(-1);
		if (last === undefined || page.length < PAGE) return;
		after = last.account_id;
	}
}

/** The evidence says how a choice was shown. */
async function recallHowShown(db: Kysely<Records>): Promise<void> {
	let after = "";
	for (;;) {
		const page = await db
			.selectFrom("consent_event")
			.select(["event_id", "statement"])
			.where("event_id", ">", after)
			.orderBy("event_id")
			.limit(PAGE)
			.execute();
		const shownOn = page.filter(
			({ statement }) => fromBinary(ConsentDecisionSchema, statement).presentation?.initiallyOn === true,
		);
		if (shownOn.length > 0)
			await db
				.updateTable("consent_choice")
				.set({ shown_on: 1 })
				.where("state", "=", "granted")
				.where(
					"event_id",
					"in",
					shownOn.map(({ event_id }) => event_id),
				)
				.execute();
		const last = page.at(-1);
		if (last === undefined || page.length < PAGE) return;
		after = last.event_id;
	}
}

export const person: Migration = { up };
