/** What became of each share, from the chain of records alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { PolicyFile } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import fc from "fast-check";
import { foldShares } from "./fold-shares.ts";
import type { Answer, JudgedShare } from "./verify-share.ts";

const NOTHING = { policy: () => undefined, event: () => undefined, nowMs: 0 };

function judged(n: number, answer: Answer, record: Partial<ShareRecord> = {}): JudgedShare {
	return {
		n,
		answer,
		record: {
			v: 1,
			kind: "share",
			recipient: "family",
			subject: "",
			purpose: "relevant_ads",
			fields: [],
			policyHash: "",
			purposeHash: "",
			generation: 1,
			grant: "",
			t: n,
			answers: "",
			...record,
		},
		answeredAtMs: undefined,
		proof: { verified: false, reason: "TEST" },
		receipt: undefined,
		alarms: [],
	};
}

const recall = (n: number, answer: Answer, record: Partial<ShareRecord> = {}) =>
	judged(n, answer, { kind: "recall", ...record });
const states = (...chain: JudgedShare[]) => foldShares(chain, NOTHING).shares.map(({ state }) => state);

test("each answer of the recipient is a state of its own", () => {
	const answers = ["waiting", "kept", "dropped", "stale", "refused", "withheld", "overtaken"] as const;
	assert.deepEqual(states(...answers.map((answer, at) => judged(at + 1, answer))), [
		"logged",
		"shared",
		"dropped",
		"stale",
		"refused",
		"withheld",
		"logged",
	]);
});

test("a recall takes back what came before it, and is done when the recipient says so", () => {
	assert.deepEqual(states(judged(1, "kept"), recall(2, "waiting")), ["recalled", "logged"]);
	assert.deepEqual(states(judged(1, "kept"), recall(2, "recalled")), ["acknowledged", "acknowledged"]);
	assert.deepEqual(states(judged(1, "overtaken"), recall(2, "recalled")), ["acknowledged", "acknowledged"]);
	assert.equal(states(judged(1, "withheld"), recall(2, "recalled"))[0], "withheld", "it never left");
});

test("a recall covers its own and earlier generations of its purpose at its recipient, and nothing else", () => {
	const of = (share: Partial<ShareRecord>) =>
		states(judged(1, "kept", share), recall(2, "recalled", { generation: 2 }))[0];
	assert.equal(of({ generation: 1 }), "acknowledged");
	assert.equal(of({ generation: 2 }), "acknowledged");
	assert.equal(of({ generation: 3 }), "shared");
	assert.equal(of({ purpose: "friend_suggestions" }), "shared");
	assert.equal(of({ recipient: "photos" }), "shared");
	assert.equal(states(recall(1, "recalled"), judged(2, "kept", { generation: 1 }))[1], "shared", "it came after");
});

test("what was kept is over when its purpose's days are, to the millisecond, and a recall is still one", () => {
	const days = 180 * 24 * 3600 * 1000;
	const file = { purposes: [{ id: "relevant_ads", basis: "consent", retentionDays: 180 }], locales: {} };
	const policy = () => file as unknown as PolicyFile;
	const kept = { ...judged(1, "kept"), answeredAtMs: 1000 };
	const at = (nowMs: number, ...more: JudgedShare[]) =>
		foldShares([kept, ...more], { policy, event: () => undefined, nowMs }).shares[0];
	assert.deepEqual([at(999 + days)?.state, at(999 + days)?.keptUntilMs], ["shared", 1000 + days]);
	assert.equal(at(1000 + days)?.state, "expired");
	assert.equal(at(1000 + days, recall(2, "waiting"))?.state, "recalled");
	assert.equal(at(1000 + days, recall(2, "recalled"))?.state, "acknowledged");
});

test("exactly the places that are not told are holes", () => {
	fc.assert(
		fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 20 }), (places) => {
			const told = places.toSorted((a, b) => a - b);
			const { holes } = foldShares(
				told.map((n) => judged(n, "kept")),
				NOTHING,
			);
			const last = told.at(-1) ?? 0;
			const missing = Array.from({ length: last }, (_, at) => at + 1).filter((n) => !told.includes(n));
			assert.deepEqual(holes, missing);
		}),
	);
});

test("what can not be opened is shown as such", () => {
	const { shares } = foldShares([{ ...judged(1, "kept"), record: undefined, alarms: ["proof"] }], NOTHING);
	assert.deepEqual([shares[0]?.kind, shares[0]?.state, shares[0]?.alarms], ["unreadable", "unreadable", ["proof"]]);
});
