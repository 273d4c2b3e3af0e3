/** What every records store has to do. Registers tests for one engine, told with a schema of their own. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import fc from "fast-check";
import { type Kysely, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { StoreError, type StoreErrorCode } from "../ports.ts";

interface Schema {
	person: { id: string; phone: string; key: Uint8Array; seen_at_ms: number | null; is_admin: number };
	block: { person: string; blocked: string };
}
export type People = Kysely<Schema>;

export interface RecordEngine {
	readonly name: string;
	/** Keeps its records when it is opened again in the same directory. */
	readonly durable: boolean;
	open(directory: string): Promise<People>;
	/** How many random histories to try. */
	readonly histories: number;
}

const people: Migration = {
	async up(db: Kysely<unknown>) {
		await db.schema
			.createTable("person")
			.addColumn("id", "text", (column) => column.primaryKey())
			.addColumn("phone", "text", (column) => column.notNull().unique())
			.addColumn("key", "bytea", (column) => column.notNull())
			.addColumn("seen_at_ms", "bigint")
			.addColumn("is_admin", "integer", (column) => column.notNull())
			.execute();
	},
};
const blocks: Migration = {
	async up(db: Kysely<unknown>) {
		await db.schema
			.createTable("block")
			.addColumn("person", "text", (column) => column.notNull().references("person.id"))
			.addColumn("blocked", "text", (column) => column.notNull())
			.execute();
	},
};

async function migrate(db: People, migrations: Record<string, Migration>): Promise<readonly string[]> {
	const { error, results } = await new Migrator({
		db,
		provider: { getMigrations: async () => migrations },
	}).migrateToLatest();
	if (error !== undefined) throw error;
	return (results ?? []).map(({ migrationName }) => migrationName);
}

const alice = {
	id: "alice",
	phone: "+15550100001",
	key: new Uint8Array([0, 255, 7]),
	seen_at_ms: 1_900_000_000_123,
	is_admin: 1,
};
const bob = { id: "bob", phone: "+15550100002", key: new Uint8Array(), seen_at_ms: null, is_admin: 0 };

const refused = (code: StoreErrorCode) => (error: unknown) => {
	assert.ok(error instanceof StoreError);
	assert.equal(error.code, code);
	assert.doesNotMatch(
		`${error.message} ${error.stack}`,
		/\+1555|person\./,
		"an error quotes nothing of what is stored",
	);
	return true;
};

export function testRecords(engine: RecordEngine): void {
	const story = (name: string, tell: (db: People, directory: string) => Promise<void>) =>
		test(name, async () => {
			const directory = await mkdtemp(join(tmpdir(), "troth-records-"));
			try {
				await using db = await engine.open(directory);
				await migrate(db, { "001": people, "002": blocks });
				await tell(db, directory);
			} finally {
				await rm(directory, { recursive: true });
			}
		});
	const all = (db: People) => db.selectFrom("person").selectAll().orderBy("id").execute();

	describe(`records: ${engine.name}`, () => {
		story("rows come back as they were: bytes, large numbers, nothing", async (db) => {
			const inserted = await db.insertInto("person").values([alice, bob]).executeTakeFirst();
			assert.equal(inserted.numInsertedOrUpdatedRows, 2n);
			const rows = await all(db);
			assert.deepEqual(rows, [alice, bob]);
			assert.equal(Object.getPrototypeOf(rows[0]?.key), Uint8Array.prototype);
			const updated = await db.updateTable("person").set({ seen_at_ms: 5 }).executeTakeFirst();
			assert.equal(updated.numUpdatedRows, 2n);
			const returned = await db.deleteFrom("person").where("id", "=", "bob").returning("phone").execute();
			assert.deepEqual(returned, [{ phone: bob.phone }]);
		});

		story("a value that is taken is told apart from every other failure", async (db) => {
			await db.insertInto("person").values(alice).execute();
			const insert = (row: Partial<typeof alice>) =>
				db
					.insertInto("person")
					.values({ ...alice, ...row })
					.execute();
			await assert.rejects(insert({ id: "alicia" }), refused("Conflict"));
			await assert.rejects(insert({ phone: "+15550100009" }), refused("Conflict"));
			await assert.rejects(insert({ id: "x", phone: null as never }), refused("StoreFailed"));
			await assert.rejects(db.insertInto("block").values({ person: "nobody", blocked: "bob" }).execute(), StoreError);
			await assert.rejects(sql`select from where`.execute(db), refused("StoreFailed"));
			assert.deepEqual(await all(db), [alice]);
		});

		story("a transaction is stored whole or not at all", async (db) => {
			const failing = db.transaction().execute(async (change) => {
				await change.insertInto("person").values(alice).execute();
				await change.insertInto("person").values(bob).execute();
				await change.insertInto("person").values(alice).execute();
			});
			await assert.rejects(failing, refused("Conflict"));
			assert.deepEqual(await all(db), []);
			const thrown = db.transaction().execute(async (change) => {
				await change.insertInto("person").values(alice).execute();
				throw new RangeError("changed my mind");
			});
			await assert.rejects(thrown, RangeError);
			assert.deepEqual(await all(db), []);
			const id = await db.transaction().execute(async (change) => {
				await change.insertInto("person").values(alice).execute();
				return "stored";
			});
			assert.equal(id, "stored");
			assert.deepEqual(await all(db), [alice]);
		});

		story("transactions follow one another, and a query beside them waits", async (db) => {
			await db
				.insertInto("person")
				.values({ ...bob, seen_at_ms: 0 })
				.execute();
			const addOne = () =>
				db.transaction().execute(async (change) => {
					const { seen_at_ms } = await change.selectFrom("person").select("seen_at_ms").executeTakeFirstOrThrow();
					await new Promise(setImmediate);
					await change
						.updateTable("person")
						.set({ seen_at_ms: (seen_at_ms ?? 0) + 1 })
						.execute();
					await change.updateTable("person").set({ is_admin: 1 }).execute();
					await new Promise(setImmediate);
					await change.updateTable("person").set({ is_admin: 0 }).execute();
				});
			const look = () => db.selectFrom("person").select("is_admin").executeTakeFirst();
			const seen = await Promise.all([addOne(), look(), addOne(), look(), addOne(), look()]);
			assert.deepEqual([seen[1], seen[3], seen[5]], [{ is_admin: 0 }, { is_admin: 0 }, { is_admin: 0 }]);
			assert.equal((await all(db))[0]?.seen_at_ms, 3);
		});

		story("a full store refuses, takes the whole transaction back, and goes on", async (db) => {
			await db.insertInto("person").values(alice).execute();
			const { rows } = await sql<{ page_count: number }>`pragma page_count`.execute(db);
			await sql`pragma max_page_count = ${sql.lit((rows[0]?.page_count ?? 0) + 20)}`.execute(db);
			const large = { ...bob, key: new Uint8Array(300_000) };
			const filling = db.transaction().execute(async (change) => {
				await change.updateTable("person").set({ seen_at_ms: 9 }).execute();
				// Who overlooks the failure must not store the rest without the beginning.
				await assert.rejects(change.insertInto("person").values(large).execute(), refused("StoreFull"));
				await change.updateTable("person").set({ is_admin: 0 }).execute();
			});
			await assert.rejects(filling, refused("StoreFailed"));
			assert.deepEqual(await all(db), [alice]);
			await sql`pragma max_page_count = 1000000`.execute(db);
			await db.insertInto("person").values(large).execute();
			assert.equal((await all(db)).length, 2);
		});

		story("migrations run once, whole, and their order only grows", async (db) => {
			assert.deepEqual(await migrate(db, { "001": people, "002": blocks }), []);
			const broken: Migration = {
				async up(change: Kysely<unknown>) {
					await change.schema.createTable("half").addColumn("id", "text").execute();
					await change.schema.createTable("person").addColumn("id", "text").execute();
				},
			};
			await assert.rejects(migrate(db, { "001": people, "002": blocks, "003": broken }));
			const tables = (await db.introspection.getTables()).map(({ name }) => name);
			assert.ok(!tables.includes("half"));
			await assert.rejects(migrate(db, { "001": people, "0015": blocks, "002": blocks }), /corrupted migrations/);
			await assert.rejects(migrate(db, { "001": people }), /corrupted migrations/);
			const last: Migration = { up: (change) => change.schema.createTable("half").addColumn("id", "text").execute() };
			assert.deepEqual(await migrate(db, { "001": people, "002": blocks, "003": last }), ["003"]);
		});

		story("random transactions: the same as a map", async (db) => {
			const operation = fc.record({
				kind: fc.constantFrom("put", "put", "delete"),
				id: fc.constantFrom("a", "b", "c", "d"),
				key: fc.uint8Array({ maxLength: 5 }),
			});
			const transaction = fc.record({ operations: fc.array(operation, { maxLength: 5 }), fails: fc.boolean() });
			await fc.assert(
				fc.asyncProperty(fc.array(transaction, { maxLength: 8 }), async (transactions) => {
					await db.deleteFrom("person").execute();
					let model = new Map<string, Uint8Array>();
					for (const { operations, fails } of transactions) {
						const next = new Map(model);
						for (const { kind, id, key } of operations) kind === "put" ? next.set(id, key) : next.delete(id);
						const run = db.transaction().execute(async (change) => {
							for (const { kind, id, key } of operations) {
								if (kind === "delete") await change.deleteFrom("person").where("id", "=", id).execute();
								else {
									const row = { id, phone: `+1555010${id}`, key, seen_at_ms: null, is_admin: 0 };
									await change
										.insertInto("person")
										.values(row)
										.onConflict((conflict) => conflict.column("id").doUpdateSet({ key }))
										.execute();
								}
							}
							if (fails) throw new RangeError("taken back");
						});
						if (fails) await assert.rejects(run, RangeError);
						else {
							await run;
							model = next;
						}
						const stored = new Map((await all(db)).map(({ id, key }) => [id, key]));
						assert.deepEqual(stored, new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))));
					}
				}),
				{ numRuns: engine.histories },
			);
		});

		story("a store that is closed refuses everything, and keeps what it had", async (db, directory) => {
			const last = db.insertInto("person").values(alice).execute();
			await last;
			await db.destroy();
			await assert.rejects(all(db));
			if (!engine.durable) return;
			await using again = await engine.open(directory);
			assert.deepEqual(await all(again), [alice]);
		});
	});
}
