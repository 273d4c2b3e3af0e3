/**
 * The sample host's database: customers as a shop has them, on which days each was here, whom the shop acted upon, and the
 * views that the bridge may read.
 */
import type { AbuseLabel } from "@troth/protocol";
import { openRecords } from "@troth/storage";

interface ShopTables {
	customer: { id: number; name: string; mobile: string | null; basket: string };
	/** One row for each day on which somebody was here, `2026-11-22`. */
	visit: { customer: number; day: string };
	/** Whom the shop acted upon, why, and since when their objection waits; null where there is none. */
	mark: { customer: number; label: AbuseLabel; grade: string; objected_at_ms: number | null };
}

export type Customers = Awaited<ReturnType<typeof openRecords<ShopTables>>>;

const PHONE = { phone_number: "mobile" } as const;

/** What the bridge reads, as its config file names it (`docs/bridge-profile.md`). */
export const VIEWS = {
	people: { view: "troth_people", id: "id" },
	purposes: {
		friend_suggestions: { view: "troth_friend_suggestions", id: "id", fields: PHONE },
		relevant_ads: { view: "troth_relevant_ads", id: "id", fields: PHONE },
		usage_metrics: { view: "troth_use", id: "id", fields: { last_used_day: "day", usage_class: "often" } },
		spam_and_abuse: {
			...{ view: "troth_acted_upon", id: "id" },
			fields: { ...PHONE, label: "label", score_class: "grade" },
		},
	},
} as const;

/** More days than this of the last `VISIT_DAYS` are the class; what is fewer is "light". */
const OFTEN = { heavy: 24, daily: 9 } as const;
export const VISIT_DAYS = 28;

/** Opens the database, and makes it where there is none. The caller destroys it. */
export async function openCustomers(path: string): Promise<Customers> {
	const db = await openRecords<ShopTables>({ kind: "sqlite", path });
	await makeTables(db);
	const people = db.selectFrom("customer").select("id");
	await db.schema.createView("troth_people").ifNotExists().as(people).execute();
	for (const purpose of ["friend_suggestions", "relevant_ads"])
		await db.schema.createView(`troth_${purpose}`).ifNotExists().as(people.select("mobile")).execute();
	const use = db
		.selectFrom("visit")
		.select(["customer as id", ({ fn }) => fn.max("day").as("day")])
		.select(({ eb, fn }) =>
			eb
				.case()
				.when(fn.countAll(), ">", OFTEN.heavy)
				.then("heavy")
				.when(fn.countAll(), ">", OFTEN.daily)
				.then("daily")
				.else("light")
				.end()
				.as("often"),
		)
		.groupBy("customer");
	await db.schema.createView("troth_use").ifNotExists().as(use).execute();
	const actedUpon = db
		.selectFrom("customer")
		.innerJoin("mark", "mark.customer", "customer.id")
		.select(["id", "mobile", "label", "grade"]);
	await db.schema.createView("troth_acted_upon").ifNotExists().as(actedUpon).execute();
	return db;
}

async function makeTables({ schema }: Customers): Promise<void> {
	await schema
		.createTable("customer")
		.ifNotExists()
		.addColumn("id", "integer", (column) => column.primaryKey())
		.addColumn("name", "text", (column) => column.notNull())
		.addColumn("mobile", "text")
		.addColumn("basket", "text", (column) => column.notNull())
		.execute();
	await schema
		.createTable("visit")
		.ifNotExists()
		.addColumn("customer", "integer", (column) => column.notNull().references("customer.id").onDelete("cascade"))
		.addColumn("day", "text", (column) => column.notNull())
		.addPrimaryKeyConstraint("visit_once", ["customer", "day"])
		.execute();
	await schema
		.createTable("mark")
		.ifNotExists()
		.addColumn("customer", "integer", (column) => column.primaryKey().references("customer.id").onDelete("cascade"))
		.addColumn("label", "text", (column) => column.notNull())
		.addColumn("grade", "text", (column) => column.notNull())
		.addColumn("objected_at_ms", "integer")
		.execute();
}

/** The sample people, where nobody is there yet. */
export async function fillCustomers(db: Customers, people: readonly { name: string; phone: string }[]): Promise<void> {
	const there = await db.selectFrom("customer").select("id").limit(1).execute();
	if (there.length > 0) return;
	const rows = people.map(({ name, phone }, n) => {
		return { id: 101 + n, name, mobile: phone, basket: "Rye bread, two rolls" };
	});
	if (rows.length > 0) await db.insertInto("customer").values(rows).execute();
}
