import { type Kysely, sql } from "kysely";

/**
 * Makes the tables of consent in the store of whoever keeps the accounts, as they were at first; what came later is in
 * the migrations of each store. `terms_version` and `terms_acceptance` are older than these.
 */
export async function createConsentTables(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("notice_displayed")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addColumn("displayed_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("notice_displayed_pk", ["account_id", "version"])
		.execute();
	await schema
		.createTable("share_key")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("share_key", "bytea", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("standing")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("accepted_version", "integer")
		.addColumn("accepted_at_ms", "bigint")
		.addColumn("notice_version", "integer")
		.addColumn("notice_displayed_at_ms", "bigint")
		.addColumn("deadline_ms", "bigint")
		.addColumn("time_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("consent_choice")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("state", "text", (column) => column.notNull())
		.addColumn("purpose_hash", "bytea", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("decided_at_ms", "bigint", (column) => column.notNull())
		.addColumn("event_id", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("consent_choice_pk", ["account_id", "purpose"])
		.execute();
	await schema
		.createTable("consent_event")
		.addColumn("event_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addColumn("receipt_statement", "bytea", (column) => column.notNull())
		.addColumn("receipt_signature", "bytea", (column) => column.notNull())
		.addColumn("recorded_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("consent_event_of_account").on("consent_event").column("account_id").execute();
	await schema
		.createTable("consent_grant")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addPrimaryKeyConstraint("consent_grant_pk", ["account_id", "purpose", "recipient", "generation"])
		.execute();
	await schema
		.createTable("device_facts")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("link_assertion", "text", (column) => column.notNull())
		.addColumn("device_type", "text", (column) => column.notNull())
		.addColumn("os", "text", (column) => column.notNull())
		.addColumn("app_version", "text", (column) => column.notNull())
		.addColumn("at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("share_outbox")
		.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("kind", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.execute();
}

/** What came with the rules of regions and ages (ADR 0008): who a person is to them, and how a choice was shown. */
export async function addPersonColumns({ schema }: Kysely<unknown>): Promise<void> {
	await schema.alterTable("standing").addColumn("number_region", "text").execute();
	await schema.alterTable("standing").addColumn("declared_region", "text").execute();
	await schema
		.alterTable("standing")
		.addColumn("minor", "integer", (column) => column.notNull().defaultTo(0))
		.execute();
	await schema
		.alterTable("consent_choice")
		.addColumn("shown_on", "integer", (column) => column.notNull().defaultTo(0))
		.execute();
}

/** What came with versions that take away at once (ADR 0021), and with embargoes that begin once. */
export async function addNarrowing({ schema }: Kysely<unknown>): Promise<void> {
	await schema.alterTable("standing").addColumn("agreed_at", "text").execute();
	await schema
		.createTable("terms_narrowing")
		.addColumn("version", "integer", (column) => column.primaryKey())
		.addColumn("after_account", "text", (column) => column.notNull())
		.addColumn("accounts", "integer", (column) => column.notNull())
		.addColumn("yeses", "integer", (column) => column.notNull())
		.addColumn("recalls", "integer", (column) => column.notNull())
		.addColumn("begun_at_ms", "bigint", (column) => column.notNull())
		.addColumn("ended_at_ms", "bigint")
		.execute();
}

/** What the door reads of links: the words of the device that the link was made on, while the yes stands. */
export async function createLinkingView(db: Kysely<unknown>): Promise<void> {
	await sql`
		create view share_account_linking as
		select choice.account_id, choice.generation, choice.purpose_hash,
			facts.link_assertion, facts.device_type, facts.os, facts.app_version
		from consent_choice as choice join device_facts as facts on facts.account_id = choice.account_id
		where choice.purpose = 'account_linking' and choice.state = 'granted'
	`.execute(db);
}
