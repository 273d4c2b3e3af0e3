/** Accounts, devices, key packages, registration, terms. */
import type { Kysely } from "kysely";
import type { Migration } from "kysely/migration";

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("account")
		.addColumn("account_id", "text", (column) => column.primaryKey())
		.addColumn("phone", "text", (column) => column.notNull().unique())
		.addColumn("identity_key", "bytea", (column) => column.notNull())
		.addColumn("list_version", "integer", (column) => column.notNull())
		.addColumn("list_statement", "bytea", (column) => column.notNull())
		.addColumn("list_signature", "bytea", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("device")
		.addColumn("device_id", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("signature_key", "bytea", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addColumn("last_attached_ms", "bigint")
		.addColumn("removed_at_ms", "bigint")
		.execute();
	await schema.createIndex("device_of_account").on("device").column("account_id").execute();
	await schema
		.createTable("key_package")
		.addColumn("device_id", "text", (column) => column.notNull())
		.addColumn("number", "integer", (column) => column.notNull())
		.addColumn("key_package_digest", "text", (column) => column.notNull())
		.addColumn("key_package", "bytea")
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("key_package_pk", ["device_id", "number"])
		.addUniqueConstraint("key_package_once", ["device_id", "key_package_digest"])
		.execute();
	await schema.createIndex("key_package_expiry").on("key_package").column("expires_at_ms").execute();
	await schema
		.createTable("last_resort_key_package")
		.addColumn("device_id", "text", (column) => column.primaryKey())
		.addColumn("key_package", "bytea", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.addColumn("used_at_ms", "bigint")
		.execute();
	await schema
		.createTable("block")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("blocked_account_id", "text", (column) => column.notNull())
		.addColumn("created_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("block_pk", ["account_id", "blocked_account_id"])
		.execute();
	await schema
		.createTable("registration_attempt")
		.addColumn("attempt_id", "text", (column) => column.primaryKey())
		.addColumn("phone", "text", (column) => column.notNull())
		.addColumn("code_mac", "bytea", (column) => column.notNull())
		.addColumn("guesses", "integer", (column) => column.notNull())
		.addColumn("resends", "integer", (column) => column.notNull())
		.addColumn("resend_at_ms", "bigint", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("registration_attempt_expiry").on("registration_attempt").column("expires_at_ms").execute();
	await schema
		.createTable("code_sent")
		.addColumn("phone_mac", "text", (column) => column.notNull())
		.addColumn("sent_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema.createIndex("code_sent_of_phone").on("code_sent").columns(["phone_mac", "sent_at_ms"]).execute();
	await schema
		.createTable("registration")
		.addColumn("token_digest", "text", (column) => column.primaryKey())
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("phone", "text", (column) => column.notNull())
		.addColumn("expires_at_ms", "bigint", (column) => column.notNull())
		.addColumn("request_digest", "text")
		.execute();
	await schema.createIndex("registration_expiry").on("registration").column("expires_at_ms").execute();
	await schema
		.createTable("terms_version")
		.addColumn("version", "integer", (column) => column.primaryKey())
		.addColumn("policy", "text", (column) => column.notNull())
		.addColumn("published_at_ms", "bigint", (column) => column.notNull())
		.execute();
	await schema
		.createTable("terms_acceptance")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("version", "integer", (column) => column.notNull())
		.addColumn("statement", "bytea", (column) => column.notNull())
		.addColumn("signature", "bytea", (column) => column.notNull())
		.addColumn("accepted_at_ms", "bigint", (column) => column.notNull())
		.addPrimaryKeyConstraint("terms_acceptance_pk", ["account_id", "version"])
		.execute();
	await schema
		.createTable("delivery_task")
		.addColumn("account_id", "text", (column) => column.notNull())
		.addColumn("kind", "text", (column) => column.notNull())
		.addColumn("device_id", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("delivery_task_pk", ["account_id", "kind", "device_id"])
		.execute();
}

export const accounts: Migration = { up };
