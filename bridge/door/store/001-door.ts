/** The door's position, chains, leaves, policies, shares and waiting times. */
import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("position")
		.addColumn("id", "integer", (column) => column.primaryKey())
		.addColumn("outbox_id", "integer", (column) => column.notNull())
		.execute();
	await sql`insert into position (id, outbox_id) values (1, 0)`.execute(db);
	await schema
		.createTable("chain")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("share_key", "blob", (column) => column.notNull())
		.addColumn("next_n", "integer", (column) => column.notNull())
		.execute();
	await schema
		.createTable("leaf")
		.addColumn("leaf_index", "integer", (column) => column.primaryKey())
		.addColumn("bytes", "blob", (column) => column.notNull())
		.execute();
	await schema
		.createTable("policy")
		.addColumn("policy_hash", "text", (column) => column.primaryKey())
		.addColumn("policy", "text", (column) => column.notNull())
		.addColumn("signature", "blob", (column) => column.notNull())
		.execute();
	await schema
		.createTable("share")
		.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("n", "integer", (column) => column.notNull())
		.addColumn("leaf_index", "integer", (column) => column.notNull().unique())
		.addColumn("kind", "text", (column) => column.notNull())
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("record", "text", (column) => column.notNull())
		.addColumn("context", "blob", (column) => column.notNull())
		.addColumn("state", "text", (column) => column.notNull())
		.addColumn("attempts", "integer", (column) => column.notNull())
		.addColumn("next_at_ms", "integer", (column) => column.notNull())
		.addColumn("outcome", "text")
		.addColumn("receipt", "blob")
		.addColumn("answered_at_ms", "integer")
		.addUniqueConstraint("share_position", ["account_id", "n"])
		.execute();
	// What waits, in the order in which it is sent; what is done is not in it.
	await sql`create index share_waiting on share (recipient, kind, id) where state = 'logged'`.execute(db);
	await schema
		.createIndex("share_of_generation")
		.on("share")
		.columns(["account_id", "purpose", "recipient", "generation"])
		.execute();
	await schema
		.createTable("deferred")
		.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("purpose", "text", (column) => column.notNull())
		.addColumn("recipient", "text", (column) => column.notNull())
		.addColumn("generation", "integer", (column) => column.notNull())
		.addColumn("due_at_ms", "integer", (column) => column.notNull())
		.addUniqueConstraint("deferred_once", ["account_id", "purpose", "recipient", "generation"])
		.execute();
	await schema.createIndex("deferred_due").on("deferred").column("due_at_ms").execute();
	await schema
		.createTable("recipient")
		.addColumn("recipient", "text", (column) => column.primaryKey())
		.addColumn("failures", "integer", (column) => column.notNull())
		.addColumn("next_at_ms", "integer", (column) => column.notNull())
		.execute();
}

export const door: Migration = { up };
