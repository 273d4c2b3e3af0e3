/** What a bridge can not get in: everything but a proved, permitted, signed yes for this company (C7, hazard 29). */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PolicyFile, PolicyPurpose } from "@troth/protocol";
import { newKey, newTrother, POLICY, type TestItem, type Trother } from "../_bridge.ts";
import { startTestFamily, type TestFamily } from "../_fixture.ts";
import { sha256Hex } from "./policies.ts";

const CARLA = "+15550100003";
const DAVE = "+15550100004";
const number = { phone_number: CARLA };

let family: TestFamily;
before(async () => {
	family = await startTestFamily();
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
});
after(() => family[Symbol.asyncDispose]());

const sharing = (
	changes: Partial<Parameters<TestFamily["bridge"]["share"]>[1]> = {},
	trother: Trother = newTrother(),
) => family.bridge.share(trother, { purpose: "friend_suggestions", values: number, ...changes });

/** Nothing of it was kept: the number is known as carla's own and as nothing else. */
async function assertRefused(item: TestItem, reason: string, policies = [family.bridge.policy()]): Promise<void> {
	assert.deepEqual(await family.bridge.deliver([item], policies), [`refused: ${reason}`]);
	const { items } = await family.knows(CARLA);
	assert.deepEqual(
		items.map(({ source }) => source),
		["self"],
	);
}

test("a share as it should be is kept, and said again it is kept once", async () => {
	const trother = newTrother();
	const item = await sharing({}, trother);
	assert.deepEqual(await family.bridge.deliver([item]), ["kept"]);
	assert.deepEqual(await family.bridge.deliver([item, item]), ["kept", "kept"]);
	const { items } = await family.knows(CARLA);
	assert.equal(items.filter(({ source }) => source === "share").length, 1);
	assert.deepEqual(await family.bridge.deliver([await family.bridge.recall(trother, "friend_suggestions")]), [
		"recalled",
	]);
});

test("without a proof that leads to the share log nothing is read", async () => {
	const item = await sharing();
	const { share } = item;
	assert.ok(share);
	await assertRefused({ ...item, share: undefined }, "PROOF");
	await assertRefused({ ...item, share: { ...share, salt: new Uint8Array(32) } }, "PROOF");
	const other = (await sharing()).share;
	assert.ok(other);
	await assertRefused({ ...item, share: { ...share, proof: other.proof } }, "PROOF");
	await assertRefused({ ...item, share: { ...share, record: other.record } }, "PROOF");
	const proof = new TextDecoder().decode(share.proof);
	const forged = new TextEncoder().encode(proof.replace(/\n— (\S+) \S+\n$/, "\n— $1 AAAAAAAAAAAA\n"));
	await assertRefused({ ...item, share: { ...share, proof: forged } }, "PROOF");
});

test("what is for another company, or is no share, is not ours", async () => {
	await assertRefused(await sharing({ record: { recipient: "photos" } }), "RECIPIENT");
	await assertRefused(await sharing({ record: { kind: "kept" } }), "RECORD");
	await assertRefused(await sharing({ record: { answers: "a".repeat(64) } }), "RECORD");
	await assertRefused(await sharing({ record: { purpose: "weather" } }), "RECORD");
	await assertRefused(await sharing({ generation: 0 }), "RECORD");
});

test("the policy has to be there, signed by its operator, and to allow it to us under these words", async () => {
	const { bridge } = family;
	await assertRefused(await sharing(), "POLICY", []);
	await assertRefused(await sharing(), "POLICY", [bridge.policy(POLICY, newKey())]);
	const { policy, signature } = bridge.policy();
	await assertRefused(await sharing(), "POLICY", [{ policy: new Uint8Array([...policy, 32]), signature }]);

	const changed = (change: Partial<PolicyPurpose>): PolicyFile => ({
		...POLICY,
		purposes: POLICY.purposes.map((row) => (row.id === "friend_suggestions" ? { ...row, ...change } : row)),
	});
	// A yes to these very words, which the policy then does not give to us.
	const under = async (policy: PolicyFile, reason: string, values = number) =>
		assertRefused(await sharing({ policy, values }), reason, [bridge.policy(policy)]);
	await under(changed({ recipients: ["photos"] }), "PURPOSE");
	await under(changed({ basis: "legitimate_interest" }), "PURPOSE");
	await under(changed({ fields: [] }), "FIELDS");
	// A yes to other words than the policy's.
	const longer = changed({ retentionDays: 3650 });
	const policyHash = sha256Hex(bridge.policy(longer).policy);
	await assertRefused(await sharing({ record: { policyHash } }), "PURPOSE", [bridge.policy(longer)]);
	for (const less of [
		{ ...POLICY, purposes: [] },
		{ ...POLICY, locales: {} },
	]) {
		const hash = sha256Hex(bridge.policy(less).policy);
		await assertRefused(await sharing({ record: { policyHash: hash } }), "PURPOSE", [bridge.policy(less)]);
	}
	await assertRefused(await sharing({ record: { purposeHash: "0".repeat(64) } }), "PURPOSE");
});

test("the values are exactly the fields of record and policy", async () => {
	await assertRefused(await sharing({ record: { fields: [] } }), "FIELDS");
	await assertRefused(await sharing({ record: { fields: ["os", "phone_number"] } }), "FIELDS");
	const more = await sharing();
	await assertRefused({ ...more, values: [...more.values, { field: "os", value: "linux" }] }, "FIELDS");
	await assertRefused({ ...more, values: [...more.values, ...more.values] }, "FIELDS");
	await assertRefused(await sharing({ values: { ...number, device_type: "phone" } }), "FIELDS");
	await assertRefused(await sharing({ values: {} }), "FIELDS");
	for (const phone of ["15550100003", "+1 555 010 0003", "+1", "carla"])
		await assertRefused(await sharing({ values: { phone_number: phone } }), "VALUE");
});

test("the yes has to be the person's own, and to say the same", async () => {
	const item = await sharing();
	await assertRefused({ ...item, grant: undefined }, "GRANT");
	await assertRefused({ ...item, grant: (await sharing()).grant }, "GRANT");
	const trother = newTrother();
	const early = await sharing({}, trother);
	const late = await sharing({ grant: { decidedAtMs: 1n } }, trother);
	await assertRefused({ ...late, grant: early.grant }, "GRANT");
	const signature = new Uint8Array(item.grant?.signature ?? []);
	signature[5] = (signature[5] ?? 0) ^ 1;
	await assertRefused({ ...item, grant: { statement: item.grant?.statement ?? new Uint8Array(), signature } }, "GRANT");
	await assertRefused(await sharing({ grant: { consentKey: newKey().publicKey } }), "GRANT");
	await assertRefused(await sharing({ grant: { consentKey: new Uint8Array(32) } }), "GRANT");
	await assertRefused(await sharing({ grant: { recipient: "photos" } }), "GRANT");
	await assertRefused(await sharing({ grant: { purpose: "relevant_ads" } }), "GRANT");
	await assertRefused(await sharing({ grant: { generation: 2 } }), "GRANT");
	await assertRefused(await sharing({ grant: { purposeHash: new Uint8Array(32) } }), "GRANT");
	await assertRefused(await sharing({ grant: { subject: new Uint8Array(16) } }), "GRANT");
});

test("a subject that once said yes with one key is believed with no other, not even after a recall", async () => {
	const { bridge } = family;
	const trother = newTrother();
	assert.deepEqual(await bridge.deliver([await sharing({}, trother)]), ["kept"]);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions")]), ["recalled"]);
	await assertRefused(await sharing({ generation: 2, consentKey: newKey() }, trother), "CONSENT_KEY");
	assert.deepEqual(await bridge.deliver([await sharing({ generation: 2 }, trother)]), ["kept"]);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions", 2)]), ["recalled"]);
});

test("a recall that overtakes its share, and an older yes after a newer one, leave nothing behind", async () => {
	const { bridge } = family;
	const trother = newTrother();
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions", 3)]), ["recalled"]);
	for (const generation of [1, 2, 3])
		assert.deepEqual(await bridge.deliver([await sharing({ generation }, trother)]), ["stale"]);
	assert.deepEqual(await bridge.deliver([await sharing({ generation: 5 }, trother)]), ["kept"]);
	assert.deepEqual(await bridge.deliver([await sharing({ generation: 4 }, trother)]), ["stale"]);
	// Only what is recalled goes: this one is newer.
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions", 4)]), ["recalled"]);
	assert.equal((await family.knows(CARLA)).items.filter(({ source }) => source === "share").length, 1);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions", 5)]), ["recalled"]);
	assert.equal((await family.knows(CARLA)).items.filter(({ source }) => source === "share").length, 0);
});

test("nobody but the bridge is let in", async () => {
	for (const authorization of [undefined, "Bearer ", "Bearer wrong", "Bearer operator-token"]) {
		const response = await fetch(`${family.url}/troth.v1.IntakeService/Deliver`, {
			method: "POST",
			headers: { "content-type": "application/json", ...(authorization !== undefined && { authorization }) },
			body: "{}",
		});
		assert.equal(response.status, 401);
		assert.equal(((await response.json()) as { code: string }).code, "unauthenticated");
	}
});

test("one bad item among good ones changes nothing for them", async () => {
	const { bridge } = family;
	const trother = newTrother();
	const good = await sharing({}, trother);
	const bad = await sharing({ record: { recipient: "photos" } });
	const unknown = await sharing({ values: { phone_number: DAVE } });
	assert.deepEqual(await bridge.deliver([bad, good, unknown]), ["refused: RECIPIENT", "kept", "dropped"]);
	assert.deepEqual(await bridge.deliver([await bridge.recall(trother, "friend_suggestions")]), ["recalled"]);
});

test("recalls are taken without witnesses, shares are not", async () => {
	await using strict = await startTestFamily({ quorum: 1 });
	const carla = await strict.signUp("Carla");
	await carla.verify(CARLA);
	const trother = newTrother();
	const share = await strict.bridge.share(trother, { purpose: "friend_suggestions", values: number });
	assert.deepEqual(await strict.bridge.deliver([share]), ["refused: PROOF"]);
	assert.deepEqual(await strict.bridge.deliver([await strict.bridge.recall(trother, "friend_suggestions")]), [
		"recalled",
	]);
});
