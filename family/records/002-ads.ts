/** Advertisers' accounts, their lists and who of a list is a member, campaigns, and what people chose about ads. */
import { type ColumnDefinitionBuilder, type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

const required = (column: ColumnDefinitionBuilder) => column.notNull();
const key = (column: ColumnDefinitionBuilder) => column.primaryKey();

async function up(db: Kysely<unknown>): Promise<void> {
	await db.schema
		.createTable("ad_account")
		.addColumn("account_id", "text", key)
		.addColumn("name", "text", required)
		.addColumn("token_number", "integer", required)
		.addColumn("audience_terms_at_ms", "bigint")
		.addColumn("created_at_ms", "bigint", required)
		.execute();
	await audiences(db);
	await campaigns(db);
	await serving(db);
}

async function audiences(db: Kysely<unknown>): Promise<void> {
	const { schema } = db;
	await schema
		.createTable("audience")
		.addColumn("audience_id", "text", key)
		.addColumn("account_id", "text", required)
		.addColumn("name", "text", required)
		.addColumn("description", "text", required)
		.addColumn("customer_file_source", "text", required)
		.addColumn("list_origin", "text")
		.addColumn("list_basis", "text")
		.addColumn("retention_days", "integer", required)
		.addColumn("uploaded_at_ms", "bigint")
		.addColumn("count_lower", "integer")
		.addColumn("count_upper", "integer")
		.addColumn("enough", "integer")
		.addColumn("counted_at_ms", "bigint")
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("updated_at_ms", "bigint", required)
		.execute();
	await schema.createIndex("audience_of_account").on("audience").columns(["account_id", "audience_id"]).execute();
	await schema
		.createTable("audience_row")
		.addColumn("audience_id", "text", required)
		.addColumn("tag", "bytea", required)
		.addColumn("expires_at_ms", "bigint", required)
		.addPrimaryKeyConstraint("audience_row_pk", ["audience_id", "tag"])
		.execute();
	await schema.createIndex("audience_row_tag").on("audience_row").column("tag").execute();
	await schema.createIndex("audience_row_expiry").on("audience_row").column("expires_at_ms").execute();
	await schema
		.createTable("audience_member")
		.addColumn("audience_id", "text", required)
		.addColumn("person_id", "text", required)
		.addColumn("matched_by", "text", required)
		.addPrimaryKeyConstraint("audience_member_pk", ["audience_id", "person_id", "matched_by"])
		.execute();
	await schema.createIndex("audience_member_person").on("audience_member").column("person_id").execute();
	await schema
		.createTable("audience_batch")
		.addColumn("audience_id", "text", required)
		.addColumn("session_id", "text", required)
		.addColumn("batch_seq", "integer", required)
		.addColumn("operation", "text", required)
		.addColumn("rows_tag", "bytea", required)
		.addColumn("at_ms", "bigint", required)
		.addPrimaryKeyConstraint("audience_batch_pk", ["audience_id", "session_id", "batch_seq", "operation"])
		.execute();
	await schema.createIndex("audience_batch_time").on("audience_batch").column("at_ms").execute();
	await schema
		.createTable("ad_choice")
		.addColumn("person_id", "text", key)
		.addColumn("choice", "text", required)
		.addColumn("at_ms", "bigint", required)
		.execute();
	await schema
		.createTable("email_key")
		.addColumn("person_id", "text", key)
		.addColumn("tag", "bytea", required)
		.execute();
	await schema.createIndex("email_key_tag").on("email_key").column("tag").execute();
	// Under which tags lists may find whom, at this moment. Who switched such ads off is found under none.
	await sql`
		create view list_key as
		select tag, person_id, matched_by from (
			select tag, person_id, 'phone' as matched_by from match_key where purpose = 'relevant_ads'
			union all
			select tag, person_id, 'email' as matched_by from email_key
		) as keyed
		where not exists (select 1 from ad_choice where ad_choice.person_id = keyed.person_id and choice = 'off')
	`.execute(db);
}

async function campaigns({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("campaign")
		.addColumn("campaign_id", "text", key)
		.addColumn("account_id", "text", required)
		.addColumn("name", "text", required)
		.addColumn("objective", "text", required)
		.addColumn("status", "text", required)
		.addColumn("special_ad_categories", "text", required)
		.addColumn("daily_budget", "integer")
		.addColumn("lifetime_budget", "integer")
		.addColumn("spend_cap", "integer")
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("updated_at_ms", "bigint", required)
		.execute();
	await schema
		.createTable("ad_set")
		.addColumn("ad_set_id", "text", key)
		.addColumn("account_id", "text", required)
		.addColumn("campaign_id", "text", required)
		.addColumn("name", "text", required)
		.addColumn("status", "text", required)
		.addColumn("billing_event", "text", required)
		.addColumn("optimization_goal", "text", required)
		.addColumn("bid_amount", "integer", required)
		.addColumn("daily_budget", "integer")
		.addColumn("lifetime_budget", "integer")
		.addColumn("starts_at_ms", "bigint")
		.addColumn("ends_at_ms", "bigint")
		.addColumn("frequency_days", "integer")
		.addColumn("frequency_most", "integer")
		.addColumn("targeting", "text", required)
		.addColumn("payor", "text", required)
		.addColumn("beneficiary", "text", required)
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("updated_at_ms", "bigint", required)
		.execute();
	await schema.createIndex("ad_set_of_campaign").on("ad_set").column("campaign_id").execute();
	await schema
		.createTable("ad_set_audience")
		.addColumn("ad_set_id", "text", required)
		.addColumn("audience_id", "text", required)
		.addColumn("role", "text", required)
		.addPrimaryKeyConstraint("ad_set_audience_pk", ["ad_set_id", "audience_id", "role"])
		.execute();
	await schema.createIndex("ad_set_audience_audience").on("ad_set_audience").column("audience_id").execute();
	await schema
		.createTable("creative")
		.addColumn("creative_id", "text", key)
		.addColumn("account_id", "text", required)
		.addColumn("name", "text", required)
		.addColumn("status", "text", required)
		.addColumn("title", "text", required)
		.addColumn("message", "text", required)
		.addColumn("link", "text", required)
		.addColumn("story", "text", required)
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("updated_at_ms", "bigint", required)
		.execute();
	await schema
		.createTable("ad")
		.addColumn("ad_id", "text", key)
		.addColumn("account_id", "text", required)
		.addColumn("ad_set_id", "text", required)
		.addColumn("creative_id", "text", required)
		.addColumn("name", "text", required)
		.addColumn("status", "text", required)
		.addColumn("review_reason", "text")
		.addColumn("impressions", "integer", required)
		.addColumn("hides", "integer", required)
		.addColumn("created_at_ms", "bigint", required)
		.addColumn("updated_at_ms", "bigint", required)
		.execute();
	await schema.createIndex("ad_of_ad_set").on("ad").column("ad_set_id").execute();
}

async function serving({ schema }: Kysely<unknown>): Promise<void> {
	await schema
		.createTable("ad_spend")
		.addColumn("ad_set_id", "text", required)
		.addColumn("day", "integer", required)
		.addColumn("impressions", "integer", required)
		.addColumn("thousandths", "integer", required)
		.addPrimaryKeyConstraint("ad_spend_pk", ["ad_set_id", "day"])
		.execute();
	await schema
		.createTable("impression")
		.addColumn("impression_id", "text", key)
		.addColumn("person_id", "text", required)
		.addColumn("ad_id", "text", required)
		.addColumn("ad_set_id", "text", required)
		.addColumn("audience_id", "text")
		.addColumn("matched_by", "text")
		.addColumn("at_ms", "bigint", required)
		.addColumn("expires_at_ms", "bigint", required)
		.execute();
	await schema
		.createIndex("impression_of_person")
		.on("impression")
		.columns(["person_id", "ad_set_id", "at_ms"])
		.execute();
	await schema.createIndex("impression_expiry").on("impression").column("expires_at_ms").execute();
	await schema
		.createTable("hidden_advertiser")
		.addColumn("person_id", "text", required)
		.addColumn("account_id", "text", required)
		.addColumn("at_ms", "bigint", required)
		.addPrimaryKeyConstraint("hidden_advertiser_pk", ["person_id", "account_id"])
		.execute();
}

export const ads: Migration = { up };
