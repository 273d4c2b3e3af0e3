/** What is deleted is gone from the files, not only from the answers (hazard 25). */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { sql } from "kysely";
import { bobPhone, chat, entry, treeNumber } from "./conformance/_people.ts";
import { eraseDeleted, type LogStore, type LogWrite, openLogs, openRecords } from "./index.ts";

const SECRET = "meet me at the old mill";

async function filesWith(directory: string, text: string): Promise<readonly string[]> {
	const found: string[] = [];
	for (const name of await readdir(directory)) {
		if ((await readFile(join(directory, name))).includes(text)) found.push(name);
	}
	return found;
}

/** Small entries among others, and one that fills pages of its own. */
function secretEntries(): LogWrite[] {
	const append = (seq: number, text: string): LogWrite => {
		return { kind: "append", log: chat, entry: entry(seq, { body: Buffer.from(text) }), sender: undefined };
	};
	const small = Array.from({ length: 60 }, (_, index) => append(index + 1, `${SECRET}, ${"x".repeat(index)}`));
	return [...small, append(61, `${SECRET} `.repeat(2000)), append(62, "what stays")];
}

async function withStore(work: (store: LogStore, directory: string) => Promise<void>): Promise<void> {
	const directory = await mkdtemp(join(tmpdir(), "troth-forgetting-"));
	try {
		await using store = await openLogs({ kind: "sqlite", path: join(directory, "logs.sqlite") });
		await store.write([{ kind: "create", log: chat, group: undefined, alias: undefined }]);
		await work(store, directory);
	} finally {
		await rm(directory, { recursive: true });
	}
}

for (const settled of [true, false]) {
	test(`a trimmed entry leaves no byte behind, trimmed ${settled ? "long after" : "soon after"} it was stored`, () =>
		withStore(async (store, directory) => {
			for (const step of secretEntries()) await store.write([step]);
			if (settled) await store.checkpoint();
			assert.notDeepEqual(await filesWith(directory, SECRET), []);
			await store.write([{ kind: "trim", log: chat, upTo: 61 }]);
			await store.checkpoint();
			assert.deepEqual(await filesWith(directory, SECRET), []);
			assert.notDeepEqual(await filesWith(directory, "what stays"), []);
		}));
}

test("a replaced register and an old group state leave no byte behind", () =>
	withStore(async (store, directory) => {
		const group = (text: string, epoch: number) => {
			return { epoch, groupInfo: Buffer.from(text), tree: treeNumber(1), treeBytes: 1, pendingRemovals: [] };
		};
		const put = (text: string, version: number) =>
			store.write([{ kind: "register", row: { log: chat, device: bobPhone, sealed: Buffer.from(text), version } }]);
		const club = treeNumber(9).slice(32) as typeof chat;
		const { pendingRemovals: _, ...first } = group(`${SECRET} `.repeat(300), 0);
		await store.write([{ kind: "create", log: club, group: { kind: "group", ...first }, alias: undefined }]);
		await put(SECRET, 1);
		await store.checkpoint();
		await put("later", 2);
		await store.write([{ kind: "epoch", log: club, expected: 0, group: group("next", 1) }]);
		await store.checkpoint();
		assert.deepEqual(await filesWith(directory, SECRET), []);
	}));

test("a deleted row of the records leaves no byte behind once it is erased", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-forgetting-"));
	try {
		await using records = await openRecords<{ note: { id: number; text: string } }>({
			kind: "sqlite",
			path: join(directory, "records.sqlite"),
		});
		await sql`create table note (id integer primary key, text text not null)`.execute(records);
		await sql`create index note_text on note (text)`.execute(records);
		for (let id = 1; id <= 50; id++)
			await records
				.insertInto("note")
				.values({ id, text: `${SECRET} ${"x".repeat(id * 100)}` })
				.execute();
		assert.notDeepEqual(await filesWith(directory, SECRET), []);
		await records.deleteFrom("note").execute();
		await eraseDeleted(records);
		assert.deepEqual(await filesWith(directory, SECRET), []);
	} finally {
		await rm(directory, { recursive: true });
	}
});
