/** The running hash of a log, and what members' words about it prove (hazard 14). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type ConversationId, type Entry, EntryKind, EntrySchema, LogWitnessSchema, toHex } from "@troth/protocol";
import { Draft } from "../state/draft.ts";
import type { LogRecord } from "../state/records.ts";
import { extendByEntry, judgeWitness, newLog, skipUnhashed } from "./witness.ts";

const id = "11".repeat(16) as ConversationId;
const draft = () =>
	new Draft({ readRecord: async () => undefined, readBytes: async () => undefined, readGroup: async () => undefined });
const entry = (seq: number, text: string): Entry =>
	create(EntrySchema, {
		seq,
		kind: EntryKind.MESSAGE,
		senderDevice: new Uint8Array(16).fill(2),
		payload: new TextEncoder().encode(text),
	});
const witness = (seq: number, log: LogRecord) =>
	create(LogWitnessSchema, { seq, hash: Buffer.from(log.hash ?? "", "hex") });
const grow = (on: Draft, log: LogRecord, ...texts: string[]) =>
	texts.reduce((grown, text) => extendByEntry(on, grown, entry(grown.seq + 1, text)), log);

test("the hash is the one that content.proto describes", () => {
	const sha = (...parts: Uint8Array[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
	const number = Buffer.alloc(9);
	number.writeBigUInt64BE(1n);
	number[8] = EntryKind.MESSAGE;
	const digest = sha(number, new Uint8Array(16).fill(2), Buffer.from("one"));
	assert.equal(grow(draft(), newLog(id, 0), "one").hash, toHex(sha(new Uint8Array(32), digest)));
});

test("members with the same history agree, at every position", async () => {
	const on = draft();
	const early = grow(on, newLog(id, 0), "one");
	const log = grow(on, early, "two", "three");
	assert.equal((await judgeWitness(on, log, witness(3, log))).kind, "agrees");
	assert.equal((await judgeWitness(on, log, witness(1, early))).kind, "agrees");
	assert.equal((await judgeWitness(on, log, witness(0, newLog(id, 0)))).kind, "agrees");
	assert.equal((await judgeWitness(on, log, undefined)).kind, "unknown");
});

test("another text, another order, or more than there is: they differ", async () => {
	const on = draft();
	const log = grow(on, newLog(id, 0), "one", "two");
	for (const other of [grow(draft(), newLog(id, 0), "one", "zwei"), grow(draft(), newLog(id, 0), "two", "one")])
		assert.equal((await judgeWitness(on, log, witness(2, other))).kind, "differs");
	assert.equal((await judgeWitness(on, log, witness(3, log))).kind, "differs", "its own entry comes after what it saw");
});

test("who joins later takes the first member's word, and compares from then on", async () => {
	const theirs = draft();
	const before = grow(theirs, newLog(id, 0), "one", "two");
	const after = grow(theirs, before, "three", "four");

	const on = draft();
	const joined = newLog(id, 2);
	assert.equal(joined.hash, undefined);
	const log = grow(on, joined, "three", "four");
	const verdict = await judgeWitness(on, log, witness(2, before));
	assert.equal(verdict.kind, "adopted");
	if (verdict.kind !== "adopted") return;
	assert.equal(verdict.log.hash, after.hash);
	const middle = grow(draft(), before, "three");
	assert.equal((await judgeWitness(on, verdict.log, witness(3, middle))).kind, "agrees");
	const lie = grow(draft(), before, "drei");
	assert.equal((await judgeWitness(on, verdict.log, witness(3, lie))).kind, "differs");
});

test("after a gap nothing older can be compared, and a new start is taken", async () => {
	const on = draft();
	const log = grow(on, newLog(id, 0), "one");
	const theirs = grow(draft(), log, "lost", "three");
	const gapped = grow(on, skipUnhashed(log, 2), "three");
	assert.equal((await judgeWitness(on, gapped, witness(1, log))).kind, "unknown");
	assert.equal((await judgeWitness(on, gapped, witness(3, theirs))).kind, "adopted");
});
