/** The sample host's user database: customers as a shop has them, and the views that the bridge may read. */
import { openRecords } from "@troth/storage";

interface ShopTables {
	customer: { id: number; name: string; mobile: string | null; basket: string };
}

export type Customers = Awaited<ReturnType<typeof openRecords<ShopTables>>>;

/** What the bridge reads, as its config file names it (`docs/bridge-profile.md`). */
export const VIEWS = {
	people: { view: "troth_people", id: "id" },
	purposes: {
		friend_suggestions: { view: "troth_friend_suggestions", id: "id", fields: { phone_number: "mobile" } },
		relevant_ads: { view: "troth_relevant_ads", id: "id", fields: { phone_number: "mobile" } },
	},
} as const;

/** Opens the database, and makes it where there is none. The caller destroys it. */
export async function openCustomers(path: string): Promise<Customers> {
	const db = await openRecords<ShopTables>({ kind: "sqlite", path });
	await db.schema
		.createTable("customer")
		.ifNotExists()
		.addColumn("id", "integer", (column) => column.primaryKey())
		.addColumn("name", "text", (column) => column.notNull())
		.addColumn("mobile", "text")
		.addColumn("basket", "text", (column) => column.notNull())
		.execute();
	const people = db.selectFrom("customer").select("id");
	await db.schema.createView("troth_people").ifNotExists().as(people).execute();
	for (const purpose of ["friend_suggestions", "relevant_ads"])
		await db.schema.createView(`troth_${purpose}`).ifNotExists().as(people.select("mobile")).execute();
	return db;
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
