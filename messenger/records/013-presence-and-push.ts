/** Who may see when somebody was here, and where devices that are away are woken. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("presence")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("audience", "text", (column) => column.notNull())
		.addColumn("last_seen_ms", "bigint")
		.execute();
	await schema
		.createTable("push_subscription")
		.addColumn("device_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("endpoint", "text", (column) => column.notNull())
		.addColumn("subscribed_at_ms", "bigint", (column) => column.notNull())
		.addColumn("woken_at_ms", "bigint")
		.execute();
	await schema.createIndex("push_subscription_account").on("push_subscription").column("account_id").execute();
}

export const presenceAndPush: Migration = { up };
