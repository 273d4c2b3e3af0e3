/** Standing with the terms, choices per purpose, and what the door reads of them (`bridge/consent/tables.ts`). */
import { createConsentTables, createLinkingView } from "@troth/bridge";
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema.alterTable("terms_version").addColumn("signature", "bytea").execute();
	await schema
		.createTable("terms_rollout")
		.addColumn("version", "integer", (column) => column.primaryKey())
		.addColumn("after_device", "text", (column) => column.notNull())
		.execute();
	await createConsentTables(db);
	await standExisting(db);
	await createViews(db);
}

/** Everybody who has an account already: with what they accepted last. */
async function standExisting(db: Kysely<unknown>): Promise<void> {
	await sql`
		insert into standing (account_id, accepted_version, accepted_at_ms, time_ms)
		select account.account_id, latest.version, latest.accepted_at_ms, coalesce(latest.accepted_at_ms, account.created_at_ms)
		from account left join terms_acceptance as latest
			on latest.account_id = account.account_id and latest.version = (
				select max(version) from terms_acceptance where account_id = account.account_id
			)
	`.execute(db);
}

/** One per purpose, with the columns of that purpose and no other, and only people whose yes stands. */
async function createViews(db: Kysely<unknown>): Promise<void> {
	await sql`
		create view share_friend_suggestions as
		select choice.account_id, choice.generation, choice.purpose_hash, account.phone as phone_number
		from consent_choice as choice join account on account.account_id = choice.account_id
		where choice.purpose = 'friend_suggestions' and choice.state = 'granted'
	`.execute(db);
	await sql`
		create view share_relevant_ads as
		select choice.account_id, choice.generation, choice.purpose_hash, account.phone as phone_number,
			facts.device_type, facts.os
		from consent_choice as choice join account on account.account_id = choice.account_id
			left join device_facts as facts on facts.account_id = choice.account_id
		where choice.purpose = 'relevant_ads' and choice.state = 'granted'
	`.execute(db);
	await createLinkingView(db);
}

export const sharing: Migration = { up };
