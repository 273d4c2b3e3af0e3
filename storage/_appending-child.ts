/**
 * A program that appends to a log store until it is done or killed, and says on standard output what was acknowledged:
 * `ack <log> <seq>` as soon as the write resolved, with one system call a line.
 *
 *     node _appending-child.ts PATH LOGS ENTRIES_PER_LOG [off]
 */
import { writeSync } from "node:fs";
import type { LogId } from "@troth/protocol";
import {
	alice,
	alicePhone,
	answer,
	bob,
	bobPhone,
	conversationNumber,
	entry,
	subscription,
} from "./conformance/_people.ts";
import type { Answer, LogStore } from "./ports.ts";
import { SqliteLogStore } from "./sqlite/log-store.ts";

const [path = "", logs = "1", entries = "1", synchronous] = process.argv.slice(2);

/** What the entry says: found again in traces and after restarts. */
export const textOf = (log: number, seq: number) => `<log ${log} entry ${seq} of alice>`;

async function appendTo(store: LogStore, n: number): Promise<void> {
	const log: LogId = conversationNumber(n);
	let record = await store.load(log);
	if (record === undefined) {
		await store.write([
			{ kind: "create", log, group: undefined, alias: undefined },
			{ kind: "subscribe", subscription: subscription(log, bobPhone, bob) },
		]);
		record = await store.load(log);
	}
	let seq = record?.head ?? 0;
	let answers: readonly Answer[] = record?.senders[0]?.answers ?? [];
	for (let left = Number(entries); left > 0; left--) {
		seq++;
		const body = Buffer.from(textOf(n, seq));
		answers = [...answers.slice(-31), answer(seq, seq)];
		const sender = { device: alicePhone, lastClientSeq: seq, answers };
		await store.write([
			{ kind: "append", log, entry: entry(seq, { body, senderAccount: alice }), sender },
			{ kind: "acknowledge", log, device: bobPhone, seq: seq - 1 },
		]);
		sayAtOnce(`ack ${n} ${seq}\n`);
	}
}

/** One system call, whatever the reader does: a full pipe is tried again, because nothing may be said later. */
function sayAtOnce(line: string): void {
	for (;;) {
		try {
			writeSync(1, line);
			return;
		} catch (error) {
			if (!(error instanceof Error && "code" in error && error.code === "EAGAIN")) throw error;
		}
	}
}

if (import.meta.main) {
	await using store = await SqliteLogStore.open({ path, unsafeSynchronous: synchronous === "off" ? "off" : undefined });
	await Promise.all(Array.from({ length: Number(logs) }, (_, n) => appendTo(store, n)));
}
