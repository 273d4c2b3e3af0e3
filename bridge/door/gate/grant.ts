/** Is a stored yes one that its recipient will believe? */
import { createHash } from "node:crypto";
import { fromBinary } from "@bufbuild/protobuf";
import { type ConsentGrant, ConsentGrantSchema, LABELS, type Signed, signedBytes, toHex } from "@troth/protocol";
import { verifyEd25519 } from "@troth/transparency";

/** What the grant has to say. */
export interface ExpectedGrant {
	readonly recipient: string;
	readonly subject: Uint8Array;
	readonly purpose: string;
	readonly purposeHash: Uint8Array;
	readonly generation: number;
	/** account_linking only: what of the link is to be shared, by field. */
	readonly link: ReadonlyMap<string, string> | undefined;
}

/** Does it say exactly this, signed by the consent key it names? The recipient pins that key; the server has it not. */
export function isGrantFor(grant: Signed, expected: ExpectedGrant): boolean {
	const said = readGrant(grant.statement);
	return (
		said !== undefined &&
		said.recipient === expected.recipient &&
		said.purpose === expected.purpose &&
		said.generation === expected.generation &&
		same(said.subject, expected.subject) &&
		same(said.purposeHash, expected.purposeHash) &&
		saysLink(said, expected.link) &&
		isSigned(grant, said.consentKey)
	);
}

/**
 * A share is decided about when it is recorded and again when it leaves: what was verified then need not be again. In
 * between may lie everybody who said yes to a new version; 70 bytes for each are some tens of MB at most.
 */
const VERIFIED_KEPT = 400_000;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
/** What was verified lately, and what was before that: so that the eldest half is forgotten, not all at once. */
let verified = new Set<string>();
let verifiedBefore: ReadonlySet<string> = new Set();

/** Remembers signatures that are right, by a digest of all that was verified. */
function isSigned({ statement, signature }: Signed, key: Uint8Array): boolean {
	// Only what has these lengths was ever remembered, so that no other cut of the same bytes is taken for it.
	if (key.length !== KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
	const digest = createHash("sha256").update(key).update(signature).update(statement).digest().toString("latin1");
	if (verified.has(digest) || verifiedBefore.has(digest)) return true;
	if (!verifyEd25519(key, signedBytes(LABELS.consentGrant, statement), signature)) return false;
	if (verified.size >= VERIFIED_KEPT / 2) {
		verifiedBefore = verified;
		verified = new Set();
	}
	verified.add(digest);
	return true;
}

/** The link that this recipient's page was asked for, and not one of another's. */
function saysLink({ link }: ConsentGrant, expected: ExpectedGrant["link"]): boolean {
	if (expected === undefined) return link === undefined;
	if (link === undefined) return false;
	const said: { readonly [field: string]: string } = {
		link_assertion: toHex(link.nonce),
		device_type: link.deviceType,
		os: link.os,
		app_version: link.appVersion,
	};
	return [...expected].every(([field, value]) => said[field] === value);
}

function readGrant(statement: Uint8Array): ConsentGrant | undefined {
	try {
		return fromBinary(ConsentGrantSchema, statement);
	} catch {
		return undefined;
	}
}

function same(a: Uint8Array, b: Uint8Array): boolean {
	return Buffer.from(a).equals(b);
}
