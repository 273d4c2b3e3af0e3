/** The gate mints what is permitted at this moment, and nothing else; what types can not say it checks itself. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ConsentGrantSchema, LABELS, LinkAssertionSchema, ShareProofSchema, type Signed } from "@troth/protocol";
import { type ShareRecord, shareRecordBytes } from "@troth/transparency";
import { newSigner, policyOf } from "../_people.ts";
import type { SharedPurpose } from "../source/share-source.ts";
import { GateError, type Minted, type Moment, mint, packRecall, packShare } from "./gate.ts";

const NOW = Date.UTC(2026, 10, 22);
const ALICE = "+15550100001";
const policy = policyOf(1);
const subject = new Uint8Array(16).fill(1);
const nonce = new Uint8Array(16).fill(9);
const key = newSigner();

const hashOf = (purpose: string) => policy.purposes.get(purpose)?.hash ?? "";

function grantOf(purpose: SharedPurpose, change: MessageInitShape<typeof ConsentGrantSchema> = {}): Signed {
	const link = create(LinkAssertionSchema, { nonce, deviceType: "phone", os: "android", appVersion: "1.0" });
	const statement = create(ConsentGrantSchema, {
		recipient: "family",
		subject,
		purpose,
		purposeHash: Buffer.from(hashOf(purpose), "hex"),
		generation: 3,
		consentKey: key.publicKey,
		...(purpose === "account_linking" && { link }),
		...change,
	});
	return key.sign(LABELS.consentGrant, toBinary(ConsentGrantSchema, statement));
}

/** The moment in which everything is as it has to be. */
function momentOf<P extends SharedPurpose>(purpose: P, values: object): Moment<P> {
	const hash = hashOf(purpose);
	return {
		recipient: "family",
		current: policy,
		accepted: policy,
		phase: "ACTIVE",
		acceptedAtMs: NOW - 1000,
		choice: { state: "granted", purposeHash: hash, generation: 3, shownOn: false },
		person: { regions: [], minor: false },
		nowMs: NOW,
		subject,
		generation: 3,
		grant: grantOf(purpose),
		row: { generation: 3, purposeHash: Buffer.from(hash, "hex"), values } as Moment<P>["row"],
	};
}

const ads = momentOf("relevant_ads", { phone_number: ALICE, device_type: null, os: null });
const link = momentOf("account_linking", {
	link_assertion: Buffer.from(nonce).toString("hex"),
	device_type: "phone",
	os: "android",
	app_version: "1.0",
});

const outcomeOf = <P extends SharedPurpose>(minted: Minted<P>) =>
	minted.permit ? minted.values.map(({ field, value }) => `${field}=${value}`).join() : minted.reason;

test("with a yes that stands, what the view shows is minted, and what it does not show is not", () => {
	assert.equal(outcomeOf(mint("relevant_ads", ads)), `phone_number=${ALICE}`);
	assert.match(outcomeOf(mint("account_linking", link)), /^link_assertion=(09){16},device_type=phone,os=android/);
});

test("a policy that lists fewer fields than the view has lets only those through", () => {
	const narrow = policyOf(1, ({ purposes }) => ({
		purposes: (purposes as { id: string }[]).map((one) =>
			one.id === "relevant_ads" ? { ...one, fields: ["os"] } : one,
		),
	}));
	const hash = narrow.purposes.get("relevant_ads")?.hash ?? "";
	const purposeHash = Buffer.from(hash, "hex");
	const moment: Moment<"relevant_ads"> = {
		...ads,
		current: narrow,
		accepted: narrow,
		choice: { state: "granted", purposeHash: hash, generation: 3, shownOn: false },
		grant: grantOf("relevant_ads", { purposeHash }),
		row: { generation: 3, purposeHash, values: { phone_number: ALICE, device_type: "phone", os: "android" } },
	};
	assert.equal(outcomeOf(mint("relevant_ads", moment)), "os=android");
});

test("one thing that is not as it has to be closes the gate", () => {
	const closed: readonly [string, Partial<Moment<"relevant_ads">>][] = [
		[
			"WITHDRAWN",
			{ choice: { state: "withdrawn", purposeHash: hashOf("relevant_ads"), generation: 3, shownOn: false } },
		],
		["NOT_GRANTED", { choice: undefined }],
		["SUSPENDED", { phase: "SUSPENDED" }],
		["CLOSED", { phase: "CLOSED" }],
		["NOT_ACCEPTED", { accepted: undefined }],
		["RECIPIENT_NOT_LISTED", { recipient: "photos" }],
		["GENERATION_OVER", { generation: 2 }],
		[
			"GENERATION_OVER",
			{ choice: { state: "granted", purposeHash: hashOf("relevant_ads"), generation: 4, shownOn: false } },
		],
		["GENERATION_OVER", { row: { generation: 4, purposeHash: new Uint8Array(32), values: { phone_number: ALICE } } }],
		["NOTHING_TO_SHARE", { row: undefined }],
		["NOTHING_TO_SHARE", { row: { generation: 3, purposeHash: new Uint8Array(32), values: {} } }],
		["GRANT_INVALID", { grant: undefined }],
		["GRANT_INVALID", { subject: new Uint8Array(16).fill(2) }],
	];
	for (const [reason, change] of closed) assert.equal(outcomeOf(mint("relevant_ads", { ...ads, ...change })), reason);
});

test("a grant that says anything else, or is signed by somebody else, is none", () => {
	const others: readonly MessageInitShape<typeof ConsentGrantSchema>[] = [
		{ recipient: "photos" },
		{ subject: new Uint8Array(16) },
		{ purpose: "friend_suggestions" },
		{ purposeHash: new Uint8Array(32) },
		{ generation: 4 },
		{ consentKey: newSigner().publicKey },
		{ consentKey: new Uint8Array(31) },
		{ link: create(LinkAssertionSchema, { nonce }) },
	];
	for (const change of others)
		assert.equal(outcomeOf(mint("relevant_ads", { ...ads, grant: grantOf("relevant_ads", change) })), "GRANT_INVALID");
	const { statement, signature } = grantOf("relevant_ads");
	const broken = { statement: statement.slice(1), signature, $typeName: "troth.v1.Signed" } as const;
	assert.equal(outcomeOf(mint("relevant_ads", { ...ads, grant: broken })), "GRANT_INVALID");
	// What was verified before is remembered: these bytes, and no others.
	const good = grantOf("relevant_ads");
	for (let times = 0; times < 2; times++) assert.ok(mint("relevant_ads", { ...ads, grant: good }).permit);
	const signatures = [good.signature.map((byte, at) => (at === 63 ? byte ^ 1 : byte)), good.signature.slice(1)];
	for (const changed of signatures)
		assert.equal(outcomeOf(mint("relevant_ads", { ...ads, grant: { ...good, signature: changed } })), "GRANT_INVALID");
});

test("the link that one recipient's page asked for is not given to another", () => {
	const other = create(LinkAssertionSchema, {
		nonce: new Uint8Array(16),
		deviceType: "phone",
		os: "android",
		appVersion: "1.0",
	});
	for (const grant of [
		grantOf("account_linking", { link: other }),
		grantOf("account_linking", { purpose: "relevant_ads" }),
	])
		assert.equal(outcomeOf(mint("account_linking", { ...link, grant })), "GRANT_INVALID");
});

test("values, record and proof of different shares are not packed together", () => {
	const minted = mint("relevant_ads", ads);
	assert.ok(minted.permit);
	const record: ShareRecord = {
		v: 1,
		kind: "share",
		recipient: "family",
		subject: "01".repeat(16),
		purpose: "relevant_ads",
		fields: ["phone_number"],
		policyHash: "00".repeat(32),
		purposeHash: hashOf("relevant_ads"),
		generation: 3,
		grant: "00".repeat(32),
		t: NOW,
		answers: "",
	};
	const proofOf = (of: ShareRecord) => create(ShareProofSchema, { record: shareRecordBytes(of) });
	const { item } = packShare("relevant_ads", record, proofOf(record), minted.grant, minted.values);
	assert.deepEqual(
		item.values.map(({ field, value }) => [field, value]),
		[["phone_number", ALICE]],
	);
	const others: readonly Partial<ShareRecord>[] = [
		{ recipient: "photos" },
		{ subject: "02".repeat(16) },
		{ purpose: "friend_suggestions" },
		{ generation: 4 },
		{ kind: "recall" },
		{ fields: [] },
		{ fields: ["os", "phone_number"] },
	];
	for (const change of others) {
		const other = { ...record, ...change };
		assert.throws(() => packShare("relevant_ads", other, proofOf(other), minted.grant, minted.values), GateError);
	}
	assert.throws(
		() => packShare("relevant_ads", record, proofOf({ ...record, t: NOW + 1 }), minted.grant, minted.values),
		GateError,
	);
	assert.throws(() => packRecall(record, proofOf(record)), GateError);
	const recall: ShareRecord = { ...record, kind: "recall", fields: [], grant: "" };
	assert.deepEqual(packRecall(recall, proofOf(recall)).item.values, []);
});
