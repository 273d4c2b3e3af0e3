/** A copy of a store that is written to all the time: one moment of it, whole, with everything acknowledged before. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import Database from "better-sqlite3";
import {
	alice,
	alicePhone,
	answer,
	bob,
	bobPhone,
	conversationNumber,
	entry,
	NO_LIMITS,
	subscription,
} from "./conformance/_people.ts";
import { copyDatabase, openLogs, StoreError } from "./index.ts";

const log = conversationNumber(1);
const body = Buffer.alloc(2000, "a message of some length ");

test("the logs go on taking entries while they are copied; the copy has all of before and nothing torn", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-copy-"));
	try {
		await using store = await openLogs({ kind: "sqlite", path: join(directory, "logs.sqlite") });
		await store.write([
			{ kind: "create", log, group: undefined, alias: undefined },
			{ kind: "subscribe", subscription: subscription(log, bobPhone, bob) },
		]);
		let seq = 0;
		const append = async () => {
			seq++;
			const sender = { device: alicePhone, lastClientSeq: seq, answers: [answer(seq, seq)] };
			await store.write([{ kind: "append", log, entry: entry(seq, { body, senderAccount: alice }), sender }]);
		};
		// More pages than are copied in one go.
		while (seq < 3000) await Promise.all([append(), append(), append(), append(), append(), append()]);
		const before = seq;
		const path = join(directory, "copy.sqlite");
		let done = false;
		const copying = store.copyTo(path).then(() => {
			done = true;
		});
		while (!done) await append();
		await copying;
		assert.ok(seq > before, "nothing was written meanwhile");
		const during = seq;
		await append();
		await using copy = await openLogs({ kind: "sqlite", path });
		const head = (await copy.load(log))?.head ?? 0;
		assert.ok(head >= before && head <= during, `${head} of ${before} to ${during}`);
		const entries = await copy.read(log, 0, NO_LIMITS);
		assert.deepEqual(
			entries.map((one) => one.seq),
			Array.from({ length: head }, (_, n) => n + 1),
		);
		assert.ok(entries.every((one) => Buffer.from(one.body).equals(body)));
		await assert.rejects(store.copyTo(join(directory, "nowhere", "copy.sqlite")), StoreError);
		await append();
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("another process's database is copied as it was at one moment, and its writer waits for nothing", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-copy-"));
	const path = join(directory, "records.sqlite");
	const db = new Database(path);
	try {
		db.pragma("journal_mode = WAL");
		db.exec("create table pair (n integer primary key, a integer, b integer, filling blob)");
		const both = db.transaction((value: number) => {
			db.prepare("update pair set a = ?").run(value);
			db.prepare("update pair set b = ?").run(value);
		});
		for (let n = 0; n < 2000; n++) db.prepare("insert into pair values (?, 0, 0, zeroblob(8000))").run(n);
		const to = join(directory, "copy.sqlite");
		let [written, done] = [0, false];
		const copying = copyDatabase(path, to).then(() => {
			done = true;
		});
		while (!done) {
			both(++written);
			await new Promise((resolve) => setImmediate(resolve));
		}
		await copying;
		assert.ok(written > 1);
		const copy = new Database(to, { readonly: true });
		assert.deepEqual(
			copy.prepare("select count(*) as n, count(distinct a || ' ' || b) as kinds, sum(a != b) as torn from pair").get(),
			{
				...{ n: 2000, kinds: 1, torn: 0 },
			},
		);
		copy.close();
	} finally {
		db.close();
		await rm(directory, { recursive: true });
	}
});
