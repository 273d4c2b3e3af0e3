import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import { sql } from "kysely";
import { testRecords } from "./conformance/records.ts";
import { openRecords } from "./index.ts";

testRecords({
	name: "memory",
	durable: false,
	histories: rounds(30),
	open: () => openRecords({ kind: "memory" }),
});
testRecords({
	name: "sqlite",
	durable: true,
	histories: rounds(15),
	open: (directory) => openRecords({ kind: "sqlite", path: join(directory, "records.sqlite") }),
});

test("a deleted number leaves no byte in the files", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-records-"));
	const filesWith = async (text: string) => {
		const names = await readdir(directory);
		const contents = await Promise.all(names.map((name) => readFile(join(directory, name))));
		return names.filter((_, index) => contents[index]?.includes(text));
	};
	try {
		await using db = await openRecords<{ person: { phone: string } }>({
			kind: "sqlite",
			path: join(directory, "records.sqlite"),
		});
		await db.schema
			.createTable("person")
			.addColumn("phone", "text", (column) => column.unique())
			.execute();
		await db
			.insertInto("person")
			.values([{ phone: "+15550100001" }, { phone: "+15550100002" }])
			.execute();
		assert.deepEqual(await filesWith("+15550100001"), ["records.sqlite-wal"]);
		await db.deleteFrom("person").where("phone", "=", "+15550100001").execute();
		await sql`pragma wal_checkpoint(truncate)`.execute(db);
		assert.deepEqual(await filesWith("+15550100001"), []);
		assert.deepEqual(await filesWith("+15550100002"), ["records.sqlite"]);
	} finally {
		await rm(directory, { recursive: true });
	}
});
