/**
 * Is this item what it says it is? Pure: bytes and beliefs in, a judgement out. The bridge's word counts for nothing:
 * the share log has to prove the record, the operator's key the policy, and the person's own consent key the yes (C7,
 * hazard 29).
 */
import { fromBinary } from "@bufbuild/protobuf";
import {
	CATALOGUE,
	type CatalogueRow,
	type ConsentGrant,
	ConsentGrantSchema,
	isResidual,
	LABELS,
	type PhoneNumber,
	type Purpose,
	type ResidualPurpose,
	type SharedItem,
	type Signed,
	signedBytes,
	toHex,
} from "@troth/protocol";
import {
	type CheckpointOpener,
	type OpenedShare,
	openShareProof,
	ProofError,
	type ShareRecord,
	verifyEd25519,
} from "@troth/transparency";
import type { Trust } from "../context.ts";
import { isE164 } from "../phone/numbers.ts";
import { type PolicyRow, sha256Hex, type VerifiedPolicy } from "./policies.ts";

/** Why an item is not taken. Sent to the bridge, and counted. */
export type RefusalReason =
	/** No proof, or none that leads to the share log under a checkpoint that enough witnesses saw. */
	| "PROOF"
	/** A record of something that is no share and no recall, or an unknown purpose. */
	| "RECORD"
	/** Another company's. */
	| "RECIPIENT"
	/** The request has no policy of that hash that its operator signed. */
	| "POLICY"
	/** The policy does not let this company have that purpose, or means another one by it. */
	| "PURPOSE"
	/** More, fewer or other fields than the record names, or than the policy allows. */
	| "FIELDS"
	/** No yes, or one that does not verify, or one to something else. */
	| "GRANT"
	/** The subject said yes with another key before. */
	| "CONSENT_KEY"
	/** A value that can not be one of its field. */
	| "VALUE";

/** What a share of a purpose that asks nobody says, once it is believed. */
export interface BelievedResidual {
	readonly purpose: ResidualPurpose;
	readonly record: ShareRecord;
	readonly leafHash: Uint8Array;
	readonly policy: PolicyRow;
	/** By field; whether they can be ones of this purpose is for its consumer to say. */
	readonly values: ReadonlyMap<string, string>;
}

/** What a share says, once it is believed. Nothing in it but `values` is about a number. */
export interface BelievedShare {
	readonly record: ShareRecord;
	readonly leafHash: Uint8Array;
	readonly policy: PolicyRow;
	readonly consentKey: Uint8Array;
	readonly values: ShareValues;
}

export type ShareValues =
	| {
			readonly purpose: "friend_suggestions" | "relevant_ads";
			readonly phone: PhoneNumber;
			readonly device: DeviceFacts;
	  }
	| { readonly purpose: "account_linking"; readonly nonce: string; readonly device: DeviceFacts };

export interface DeviceFacts {
	readonly device_type: string | null;
	readonly os: string | null;
	readonly app_version: string | null;
}

export type Judgement =
	| { readonly kind: "refused"; readonly reason: RefusalReason }
	| { readonly kind: "recall"; readonly record: ShareRecord; readonly leafHash: Uint8Array }
	| ({ readonly kind: "share" } & BelievedShare)
	| ({ readonly kind: "residual" } & BelievedResidual);

/** What the company judges with. */
export interface Beliefs {
	/** Its own id. */
	readonly recipient: string;
	readonly trust: Trust;
	/** Those of the request, verified. */
	readonly policies: ReadonlyMap<string, VerifiedPolicy>;
	/** The items of one request share their checkpoints. */
	readonly openCheckpoint: CheckpointOpener;
}

class Refused extends Error {
	readonly reason: RefusalReason;

	constructor(reason: RefusalReason) {
		super(reason);
		this.reason = reason;
	}
}

/** Never throws for what an item contains. */
export function judge(item: SharedItem, beliefs: Beliefs): Judgement {
	try {
		return believe(item, beliefs);
	} catch (error) {
		if (error instanceof Refused) return { kind: "refused", reason: error.reason };
		throw error;
	}
}

function believe(item: SharedItem, beliefs: Beliefs): Judgement {
	const { record, leafHash } = openProof(item, beliefs);
	check(record.recipient === beliefs.recipient, "RECIPIENT");
	check(Object.hasOwn(CATALOGUE, record.purpose), "RECORD");
	if (record.kind === "recall") {
		check(item.values.length === 0 && record.fields.length === 0, "FIELDS");
		return { kind: "recall", record, leafHash };
	}
	check(record.kind === "share" && record.generation > 0 && record.answers === "", "RECORD");
	const policy = policyOf(record, beliefs);
	checkFields(item, record, policy);
	const { purpose } = record;
	if (isResidual(purpose)) {
		check(item.grant === undefined && record.grant === "", "GRANT");
		const values = new Map(item.values.map(({ field, value }) => [field, value]));
		return { kind: "residual", purpose, record, leafHash, policy, values };
	}
	const grant = openGrant(item.grant, record);
	return { kind: "share", record, leafHash, policy, consentKey: grant.consentKey, values: readValues(item, grant) };
}

/** Shares wait for witnesses, recalls do not (ADR 0006): taking something back needs nobody's leave. */
function openProof({ share }: SharedItem, { trust: { shareLog }, openCheckpoint }: Beliefs): OpenedShare {
	if (share === undefined) throw new Refused("PROOF");
	try {
		const opened = openShareProof(share, { ...shareLog, quorum: 0 }, openCheckpoint);
		return opened.record.kind === "recall" ? opened : openShareProof(share, shareLog, openCheckpoint);
	} catch (error) {
		if (error instanceof ProofError) throw new Refused("PROOF");
		throw error;
	}
}

function policyOf(record: ShareRecord, { policies, recipient }: Beliefs): PolicyRow {
	const policy = policies.get(record.policyHash);
	if (policy === undefined) throw new Refused("POLICY");
	const row = policy.purpose(record.purpose);
	if (row === undefined) throw new Refused("PURPOSE");
	check(row.recipients.includes(recipient), "PURPOSE");
	check(row.purposeHash === record.purposeHash, "PURPOSE");
	// Whatever a policy says: what the catalogue asks a person for needs their choice, and nothing else does.
	check((catalogueOf(record.purpose).bases as readonly string[]).includes(row.basis), "PURPOSE");
	return row;
}

/**
 * The values are exactly the fields the record names, and the policy names all of these. It may name more: what a person
 * does not have (device facts without a link) is not shared.
 */
function checkFields(item: SharedItem, record: ShareRecord, policy: PolicyRow): void {
	const given = item.values.map(({ field }) => field).sort();
	check(new Set(given).size === given.length, "FIELDS");
	check(given.length === record.fields.length && given.every((field, at) => field === record.fields[at]), "FIELDS");
	check(
		given.every((field) => policy.fields.includes(field)),
		"FIELDS",
	);
	// And no policy widens the catalogue (C1).
	const { fields }: { readonly fields: readonly string[] } = catalogueOf(record.purpose);
	check(given.length > 0 && given.every((field) => fields.includes(field)), "FIELDS");
}

function openGrant(signed: Signed | undefined, record: ShareRecord): ConsentGrant {
	if (signed === undefined || sha256Hex(signed.statement) !== record.grant) throw new Refused("GRANT");
	const grant = readGrant(signed.statement);
	check(verifyEd25519(grant.consentKey, signedBytes(LABELS.consentGrant, signed.statement), signed.signature), "GRANT");
	check(grant.recipient === record.recipient && grant.purpose === record.purpose, "GRANT");
	check(toHex(grant.subject) === record.subject && toHex(grant.purposeHash) === record.purposeHash, "GRANT");
	check(grant.generation === record.generation, "GRANT");
	check((grant.link !== undefined) === (grant.purpose === "account_linking"), "GRANT");
	return grant;
}

function readGrant(statement: Uint8Array): ConsentGrant {
	try {
		return fromBinary(ConsentGrantSchema, statement);
	} catch {
		throw new Refused("GRANT");
	}
}

const LONGEST_FACT = 100;

function readValues(item: SharedItem, { purpose, link }: ConsentGrant): ShareValues {
	const values = new Map(item.values.map(({ field, value }) => [field, value]));
	const fact = (field: keyof DeviceFacts) => {
		const value = values.get(field) ?? null;
		check(value === null || (value.length <= LONGEST_FACT && !/\p{Cc}/u.test(value)), "VALUE");
		return value;
	};
	const device = { device_type: fact("device_type"), os: fact("os"), app_version: fact("app_version") };
	if (purpose === "account_linking") {
		const nonce = values.get("link_assertion");
		// The device signed what it says of itself: the bridge can not add to it.
		const said = { device_type: link?.deviceType, os: link?.os, app_version: link?.appVersion };
		check(nonce !== undefined && link !== undefined && nonce === toHex(link.nonce), "GRANT");
		for (const [field, value] of Object.entries(device))
			check(value === null || value === said[field as keyof typeof said], "GRANT");
		return { purpose, nonce: nonce ?? "", device };
	}
	const text = values.get("phone_number");
	if (text === undefined) throw new Refused("FIELDS");
	if (!isE164(text) || !isMatchedPurpose(purpose)) throw new Refused("VALUE");
	return { purpose, phone: text, device };
}

function isMatchedPurpose(purpose: string): purpose is "friend_suggestions" | "relevant_ads" {
	return purpose === "friend_suggestions" || purpose === "relevant_ads";
}

/** Of a purpose that is in it. */
function catalogueOf(purpose: string): CatalogueRow {
	return CATALOGUE[purpose as Purpose];
}

function check(holds: boolean, reason: RefusalReason): void {
	if (!holds) throw new Refused(reason);
}
