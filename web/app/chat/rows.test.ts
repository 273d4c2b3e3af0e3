import assert from "node:assert/strict";
import { test } from "node:test";
import { alice, bob, carla, conversation, MINUTE, member, message, NOON } from "./_messages.ts";
import { type Row, rowsOf, unreadMark } from "./rows.ts";

const told = (row: Row) => {
	if (row.kind !== "bubble") return row.kind;
	return `${row.message.sender?.name} ${row.first ? "(" : ""}${row.last ? ")" : ""}${row.footed ? " ·" : ""}`;
};
const options = { conversation: undefined, complete: false, unread: undefined };

test("bubbles of one person within four minutes are one group, with one foot", () => {
	const rows = rowsOf(
		[
			message(bob, 0, "one"),
			message(bob, 1, "two"),
			message(carla, 2, "three"),
			message(carla, 9, "four"),
			message(carla, 10, { kind: "left", who: [bob] }),
			message(carla, 10, "five"),
		],
		options,
	);
	assert.deepEqual(rows.map(told), [
		"day",
		"Bob (",
		"Bob ) ·",
		"Carla () ·",
		"Carla () ·",
		"notice",
		"Carla () ·",
		"end",
	]);
});

test("a new day has its heading; a message with a clock a little behind does not open the day before again", () => {
	const midnight = (new Date(2026, 10, 21).getTime() - NOON) / MINUTE;
	const rows = rowsOf(
		[message(bob, 0, "noon"), message(bob, midnight + 1, "night"), message(carla, midnight - 1, "late")],
		{
			...options,
			complete: true,
		},
	);
	assert.deepEqual(rows.map(told), ["beginning", "day", "Bob () ·", "day", "Bob () ·", "Carla () ·", "end"]);
});

test("the line above what is new stands before the first unread message of somebody else", () => {
	const messages = [
		message(bob, 0, "old"),
		message(bob, 1, "new one"),
		message(alice, 2, "mine"),
		message(undefined, 2, { kind: "gap", reason: "expired", count: 3 }),
		message(bob, 3, "new two"),
	];
	const unread = unreadMark(messages, 2);
	assert.equal(unread?.key, messages[1]?.key);
	assert.deepEqual(rowsOf(messages, { ...options, unread }).map(told), [
		"day",
		"Bob () ·",
		"unread",
		"Bob () ·",
		"Alice () ·",
		"notice",
		"Bob () ·",
		"end",
	]);
	assert.equal(unreadMark(messages, 0), undefined);
	assert.equal(unreadMark(messages, 50), undefined, "it begins before the window");
});

test("within a group a message that has come less far says so itself", () => {
	const [first, second] = [message(alice, 0, "read"), message(alice, 0, "only delivered")];
	const view = conversation("Bob", [member(alice), member(bob, second?.seq, first?.seq)]);
	const rows = rowsOf(
		[first, second].filter((one) => one !== undefined),
		{ ...options, conversation: view },
	);
	assert.deepEqual(
		rows.map((row) => (row.kind === "bubble" ? [row.delivery?.state, row.footed] : row.kind)),
		["day", ["read", true], ["delivered", true], "end"],
	);
});

test("in a group of three a message is delivered when everybody has it, and read when everybody read it", () => {
	const mine = message(alice, 0, "hello");
	const seq = mine.seq ?? 0;
	const state = (bobs: readonly [number, number], carlas: readonly [number, number]) => {
		const view = conversation("Choir", [member(alice), member(bob, ...bobs), member(carla, ...carlas)]);
		const row = rowsOf([mine], { ...options, conversation: view }).find(({ kind }) => kind === "bubble");
		return row?.kind === "bubble" ? row.delivery?.state : undefined;
	};
	assert.equal(state([seq, 0], [0, 0]), "stored");
	assert.equal(state([seq, seq], [seq, 0]), "delivered");
	assert.equal(state([seq, seq], [seq, seq]), "read");
});
