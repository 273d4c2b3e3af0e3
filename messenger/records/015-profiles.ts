/** When numbers changed hands, and the pictures of profiles as ciphertext (`accounts/tables.ts`, `profile-photos/tables.ts`). */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("number_given_up")
		.addColumn("number_mac", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("given_up_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("number_given_up_by").on("number_given_up").column("account_id").execute();
	await schema.createIndex("number_given_up_age").on("number_given_up").column("given_up_at_ms").execute();
	await schema
		.createTable("profile_photo")
		.addColumn("photo_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("blob_id", "text", (column) => column.notNull())
		.addColumn("bytes", "integer", (column) => column.notNull())
		.addColumn("state", "text", (column) => column.notNull())
		.addColumn("put_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("profile_photo_of").on("profile_photo").column("account_id").execute();
	await schema.createIndex("profile_photo_state").on("profile_photo").columns(["state", "put_at_ms"]).execute();
}

export const profiles: Migration = { up };
