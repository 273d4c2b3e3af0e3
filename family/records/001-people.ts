/** People, friends, posts, address books, what is taken in, match keys, suggestions. */
import type { ColumnDefinitionBuilder, Kysely } from "kysely";
import type { Migration } from "kysely/migration";

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const key = (column: ColumnDefinitionBuilder) => column.primaryKey();

async function up(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("person")
		.addColumn("person_id", "text", key)
		.addColumn("email", "text", (column) => column.notNull().unique())
		.addColumn("name", "text", required)
		.addColumn("birth_year", "integer", required)
		.addColumn("password_salt", "bytea", required)
		.addColumn("password_hash", "bytea", required)
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("suggest_me", "integer", required)
		.addColumn("suggest_to_me", "integer", required)
		.execute();
	await schema
		.createTable("session")
		.addColumn("token_digest", "text", key)
		.addColumn("person_id", "text", required)
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("expires_at_ms", "bigint", required)
		.execute();
	await schema.createIndex("session_of_person").on("session").column("person_id").execute();
	await schema
		.createTable("log_in_failure")
		.addColumn("email_tag", "bytea", required)
		.addColumn("at_ms", "bigint", required)
		.execute();
	await schema.createIndex("log_in_failure_of").on("log_in_failure").columns(["email_tag", "at_ms"]).execute();
	await schema
		.createTable("verified_phone")
		.addColumn("person_id", "text", key)
		.addColumn("people_tag", "bytea", (column) => column.notNull().unique())
		.addColumn("book_tag", "bytea", required)
		.addColumn("list_tag", "bytea", required)
		.addColumn("last_two", "text", required)
		.addColumn("verified_at_ms", "bigint", required)
		.execute();
	await friends(db);
	await addressBooks(db);
	await intake(db);
}

async function friends({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("friend_request")
		.addColumn("from_person_id", "text", required)
		.addColumn("to_person_id", "text", required)
		.addColumn("at_ms", "bigint", required)
		.addPrimaryKeyConstraint("friend_request_pk", ["from_person_id", "to_person_id"])
		.execute();
	await schema.createIndex("friend_request_to").on("friend_request").column("to_person_id").execute();
	await schema
		.createTable("friendship")
		.addColumn("person_id", "text", required)
		.addColumn("friend_id", "text", required)
		.addColumn("since_ms", "bigint", required)
		.addPrimaryKeyConstraint("friendship_pk", ["person_id", "friend_id"])
		.execute();
	await schema
		.createTable("post")
		.addColumn("post_id", "integer", (column) => column.primaryKey().autoIncrement())
		.addColumn("person_id", "text", required)
		.addColumn("text", "text", required)
		.addColumn("at_ms", "bigint", required)
		.execute();
	await schema.createIndex("post_of_person").on("post").columns(["person_id", "post_id"]).execute();
}

async function addressBooks({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("address_entry")
		.addColumn("person_id", "text", required)
		.addColumn("book_tag", "bytea", required)
		.addColumn("uploaded_at_ms", "bigint", required)
		.addColumn("expires_at_ms", "bigint", required)
		.addPrimaryKeyConstraint("address_entry_pk", ["person_id", "book_tag"])
		.execute();
	await schema.createIndex("address_entry_tag").on("address_entry").column("book_tag").execute();
	await schema.createIndex("address_entry_expiry").on("address_entry").column("expires_at_ms").execute();
	await schema
		.createTable("kept_out")
		.addColumn("kept_out_tag", "bytea", key)
		.addColumn("at_ms", "bigint", required)
		.execute();
}

async function intake({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("link_nonce")
		.addColumn("nonce_digest", "text", key)
		.addColumn("person_id", "text", required)
		.addColumn("expires_at_ms", "bigint", required)
		.execute();
	await schema
		.createTable("account_link")
		.addColumn("subject", "text", key)
		.addColumn("person_id", "text", (column) => column.notNull().unique())
		.addColumn("linked_at_ms", "bigint", required)
		.execute();
	await schema
		.createTable("consent_pin")
		.addColumn("subject", "text", key)
		.addColumn("consent_key", "bytea", required)
		.execute();
	await schema
		.createTable("high_water")
		.addColumn("subject", "text", required)
		.addColumn("purpose", "text", required)
		.addColumn("generation", "integer", required)
		.addPrimaryKeyConstraint("high_water_pk", ["subject", "purpose"])
		.execute();
	await schema
		.createTable("shared_item")
		.addColumn("subject", "text", required)
		.addColumn("purpose", "text", required)
		.addColumn("generation", "integer", required)
		.addColumn("person_id", "text", required)
		.addColumn("attached_by", "text", required)
		.addColumn("policy_hash", "text", required)
		.addColumn("purpose_hash", "text", required)
		.addColumn("grant_hash", "text", required)
		.addColumn("policy_version", "integer", required)
		.addColumn("purpose_title", "text", required)
		.addColumn("device_type", "text")
		.addColumn("os", "text")
		.addColumn("app_version", "text")
		.addColumn("received_at_ms", "bigint", required)
		.addColumn("expires_at_ms", "bigint", required)
		.addPrimaryKeyConstraint("shared_item_pk", ["subject", "purpose"])
		.execute();
	await schema.createIndex("shared_item_of_person").on("shared_item").column("person_id").execute();
	await schema.createIndex("shared_item_expiry").on("shared_item").column("expires_at_ms").execute();
	await schema
		.createTable("match_key")
		.addColumn("match_key_id", "text", key)
		.addColumn("person_id", "text", required)
		.addColumn("purpose", "text", required)
		.addColumn("source", "text", required)
		.addColumn("subject", "text", required)
		.addColumn("generation", "integer", required)
		.addColumn("policy_hash", "text", required)
		.addColumn("tag", "bytea", required)
		.addColumn("since_ms", "bigint", required)
		.addUniqueConstraint("match_key_once", ["person_id", "purpose", "source", "subject"])
		.execute();
	await schema.createIndex("match_key_tag").on("match_key").columns(["tag", "purpose"]).execute();
	await schema.createIndex("match_key_subject").on("match_key").columns(["subject", "purpose"]).execute();
	await schema
		.createTable("suggestion_edge")
		.addColumn("viewer_id", "text", required)
		.addColumn("other_id", "text", required)
		.addColumn("viewer_key_id", "text", required)
		.addColumn("other_key_id", "text", required)
		.addColumn("since_ms", "bigint", required)
		.addPrimaryKeyConstraint("suggestion_edge_pk", ["viewer_id", "other_id"])
		.execute();
	await schema.createIndex("suggestion_edge_other").on("suggestion_edge").column("other_id").execute();
}

export const people: Migration = { up };
