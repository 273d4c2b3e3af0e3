/** Whatever happens to an item on its way, it is refused and nothing breaks. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type SharedItem, SharedItemSchema, type SignedPolicy, SignedPolicySchema } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { rounds } from "@troth/protocol/_rounds.ts";
import { openCheckpoint } from "@troth/transparency";
import fc from "fast-check";
import { newTrother, TestBridge, type TestItem, type TestPolicy } from "../_bridge.ts";
import { judge } from "./judge.ts";
import { verifyPolicies } from "./policies.ts";

/** A proved share, and what it is judged with. */
async function proved() {
	const bridge = await TestBridge.open(new ManualClock(), "family");
	const values = { phone_number: "+15550100003" };
	const item = await bridge.share(newTrother(), { purpose: "friend_suggestions", values });
	const policy = bridge.policy();
	const judged = (changed: TestItem, changedPolicy: TestPolicy) => {
		const trust = { policyKey: bridge.policyKey, shareLog: bridge.trust(0) };
		const signed: SignedPolicy = create(SignedPolicySchema, changedPolicy);
		const policies = verifyPolicies([signed], trust.policyKey);
		return judge(toMessage(changed), { recipient: "family", trust, policies, openCheckpoint });
	};
	return { bridge, item, policy, judged };
}

function toMessage({ share, grant, values }: TestItem): SharedItem {
	return create(SharedItemSchema, {
		...(share !== undefined && { share }),
		...(grant !== undefined && { grant }),
		values: values.map((value) => ({ ...value })),
	});
}

const PARTS = ["record", "salt", "chain", "context", "proof", "statement", "signature", "policy", "sealed"] as const;

/** Changes one byte of the part; the byte is chosen by a fraction of its length. */
function spoil(item: TestItem, policy: TestPolicy, part: (typeof PARTS)[number], at: number, mask: number) {
	const spoilt = (bytes: Uint8Array) => {
		const copy = new Uint8Array(bytes);
		const index = Math.floor(at * copy.length);
		copy[index] = (copy[index] ?? 0) ^ mask;
		return copy;
	};
	const { share, grant } = item;
	assert.ok(share !== undefined && grant !== undefined);
	switch (part) {
		case "statement":
		case "signature":
			return { item: { ...item, grant: { ...grant, [part]: spoilt(grant[part]) } }, policy };
		case "policy":
			return { item, policy: { ...policy, policy: spoilt(policy.policy) } };
		case "sealed":
			return { item, policy: { ...policy, signature: spoilt(policy.signature) } };
		default:
			return { item: { ...item, share: { ...share, [part]: spoilt(share[part]) } }, policy };
	}
}

test("one changed byte, anywhere in proof, grant or policy, and it is refused", async () => {
	const { bridge, item, policy, judged } = await proved();
	await using _ = bridge;
	assert.equal(judged(item, policy).kind, "share");
	fc.assert(
		fc.property(
			fc.constantFrom(...PARTS),
			fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
			fc.integer({ min: 1, max: 255 }),
			(part, at, mask) => {
				const changed = spoil(item, policy, part, at, mask);
				assert.equal(judged(changed.item, changed.policy).kind, "refused");
			},
		),
		{ numRuns: rounds(60) },
	);
});

test("whatever bytes come in, there is a judgement", async () => {
	const { bridge, item, policy, judged } = await proved();
	await using _ = bridge;
	const bytes = fc.uint8Array({ maxLength: 200 });
	const share = fc.record({ record: bytes, salt: bytes, chain: bytes, context: bytes, proof: bytes });
	const given = fc.record({
		share: fc.oneof(fc.constant(item.share), fc.constant(undefined), share),
		grant: fc.oneof(fc.constant(item.grant), fc.constant(undefined), fc.record({ statement: bytes, signature: bytes })),
		values: fc.array(
			fc.record({ field: fc.constantFrom("phone_number", "os", ""), value: fc.string({ unit: "binary" }) }),
		),
	});
	fc.assert(
		fc.property(given, fc.record({ policy: bytes, signature: bytes }), fc.boolean(), (changed, other, right) => {
			const { kind } = judged(changed, right ? policy : other);
			assert.equal(kind, "refused");
		}),
		{ numRuns: rounds(60) },
	);
});
