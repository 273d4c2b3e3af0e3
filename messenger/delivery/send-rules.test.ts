import assert from "node:assert/strict";
import { test } from "node:test";
import { type DeviceId, LIMITS } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import type { SenderRow } from "@troth/storage";
import fc from "fast-check";
import { decideSend, type NumberedSend, type SendState } from "./send-rules.ts";

const ALICE = "aa".repeat(16) as DeviceId;
const BOB = "bb".repeat(16) as DeviceId;

function send(clientSeq: number, digest = `digest ${clientSeq}`, epoch = 1): NumberedSend {
	return { device: ALICE, clientSeq, epoch, digest };
}

/** Accepts a run of sends; gives the state after it. */
function after(count: number): SendState {
	let state: SendState = { head: 0, group: { epoch: 1, pendingRemovals: [] }, isMember: true, row: undefined };
	for (let number = 1; number <= count; number++) {
		const decision = decideSend(state, send(number), 1000 + number);
		assert.equal(decision.kind, "accept");
		if (decision.kind === "accept") state = { ...state, head: decision.seq, row: decision.row };
	}
	return state;
}

function refusal(state: SendState, wanted: NumberedSend) {
	const decision = decideSend(state, wanted, 5);
	assert.equal(decision.kind, "refuse");
	return decision.kind === "refuse" ? decision.refusal : assert.fail();
}

test("alice's sends get dense numbers of the log", () => {
	const state = after(3);
	assert.equal(state.head, 3);
	assert.deepEqual(
		state.row?.answers.map(({ clientSeq, seq, timeMs }) => [clientSeq, seq, timeMs]),
		[
			[1, 1, 1001],
			[2, 2, 1002],
			[3, 3, 1003],
		],
	);
});

test("a repeat gets its first answer, whatever has become of the conversation", () => {
	const state = after(3);
	const changed: SendState = { ...state, isMember: false, group: { epoch: 9, pendingRemovals: [BOB] } };
	for (const now of [state, changed]) {
		const decision = decideSend(now, send(2), 99);
		assert.ok(decision.kind === "repeat");
		assert.deepEqual([decision.answer.seq, decision.answer.timeMs], [2, 1002]);
	}
});

test("a number with other bytes betrays a copied profile", () => {
	assert.equal(refusal(after(3), send(3, "other bytes")).code, "SEQ_REUSED");
});

test("a hole in the numbers is refused with the number that is expected", () => {
	const { code, fields } = refusal(after(3), send(5));
	assert.equal(code, "SEQ_OUT_OF_ORDER");
	assert.equal(fields.expectedClientSeq, 4);
	assert.equal(refusal(after(0), send(2)).fields.expectedClientSeq, 1);
	assert.equal(refusal(after(0), send(0)).fields.expectedClientSeq, 1);
});

test("answers are kept for a window, and no longer", () => {
	const state = after(LIMITS.answersKept + 5);
	assert.equal(decideSend(state, send(6), 1).kind, "repeat");
	assert.equal(refusal(state, send(5)).code, "SEQ_TOO_OLD");
	assert.equal(state.row?.answers.length, LIMITS.answersKept);
});

test("a message for another epoch, by a stranger or before a removal is refused and uses no number", () => {
	const state = after(3);
	const stale = refusal(state, send(4, "x", 2));
	assert.deepEqual([stale.code, stale.fields.epoch], ["STALE_EPOCH", 1]);
	assert.equal(refusal({ ...state, isMember: false }, send(4)).code, "NOT_A_MEMBER");
	assert.equal(refusal({ ...state, group: undefined }, send(4)).code, "NOT_A_MEMBER");
	const pending = refusal({ ...state, group: { epoch: 1, pendingRemovals: [BOB] } }, send(4));
	assert.deepEqual([pending.code, pending.fields.removeDevices], ["COMMIT_REQUIRED", [BOB]]);
	assert.equal(decideSend(state, send(4), 1).kind, "accept");
});

/** What a log is, said in the simplest way: every accepted message, in order. */
interface ModelEntry {
	readonly clientSeq: number;
	readonly digest: string;
}

test("in any order of sends, repeats, lies and changes the log is what the model says", () => {
	const step = fc.oneof(
		{ weight: 6, arbitrary: fc.record({ do: fc.constant("next" as const) }) },
		{ weight: 3, arbitrary: fc.record({ do: fc.constant("repeat" as const), back: fc.nat({ max: 60 }) }) },
		fc.record({ do: fc.constant("reuse" as const), back: fc.nat({ max: 60 }) }),
		fc.record({ do: fc.constant("skip" as const), ahead: fc.integer({ min: 1, max: 5 }) }),
		fc.record({ do: fc.constant("stale" as const), epoch: fc.nat({ max: 3 }) }),
		fc.record({ do: fc.constant("epoch" as const) }),
		fc.record({ do: fc.constant("other" as const) }),
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 120, size: "max" }), (steps) => {
			const model: ModelEntry[] = [];
			const places: number[] = [];
			let [head, epoch, row] = [0, 1, undefined as SenderRow | undefined];
			for (const [at, one] of steps.entries()) {
				const state: SendState = { head, group: { epoch, pendingRemovals: [] }, isMember: true, row };
				const number = model.length;
				const old = "back" in one ? number - one.back : 0;
				switch (one.do) {
					case "epoch":
						epoch++;
						break;
					case "other":
						head++;
						break;
					case "next": {
						const decision = decideSend(state, send(number + 1, `d${at}`, epoch), at);
						assert.ok(decision.kind === "accept");
						model.push({ clientSeq: number + 1, digest: `d${at}` });
						places.push(decision.seq);
						assert.equal(decision.seq, head + 1);
						head = decision.seq;
						row = decision.row;
						break;
					}
					case "repeat":
					case "reuse": {
						if (old < 1) break;
						const known = model[old - 1]?.digest ?? "";
						const decision = decideSend(state, send(old, one.do === "repeat" ? known : "a lie", epoch), at);
						if (one.back >= LIMITS.answersKept)
							assert.ok(decision.kind === "refuse" && decision.refusal.code === "SEQ_TOO_OLD");
						else if (one.do === "reuse")
							assert.ok(decision.kind === "refuse" && decision.refusal.code === "SEQ_REUSED");
						else assert.ok(decision.kind === "repeat" && decision.answer.seq === places[old - 1]);
						break;
					}
					case "skip": {
						const { code, fields } = refusal(state, send(number + 1 + one.ahead, "x", epoch));
						assert.deepEqual([code, fields.expectedClientSeq], ["SEQ_OUT_OF_ORDER", number + 1]);
						break;
					}
					case "stale":
						if (one.epoch !== epoch) assert.equal(refusal(state, send(number + 1, "x", one.epoch)).code, "STALE_EPOCH");
						break;
				}
			}
			assert.deepEqual(
				row?.answers.map(({ clientSeq, digest, seq }) => [clientSeq, digest, seq]) ?? [],
				model.map(({ clientSeq, digest }, i) => [clientSeq, digest, places[i]]).slice(-LIMITS.answersKept),
			);
		}),
		{ numRuns: rounds(300) },
	);
});
