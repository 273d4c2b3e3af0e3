/** Policies as a company reads them: signed by the messenger's operator, and what they let this company have. */
import { createHash } from "node:crypto";
import {
	LABELS,
	type PolicyFile,
	type PolicyPurpose,
	purposeBytes,
	type SignedPolicy,
	signedBytes,
} from "@troth/protocol";
import { verifyEd25519 } from "@troth/transparency";
import * as v from "valibot";

const Text = v.string();
const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** Only what is read here; whether the rest is a good policy is for the operator's linter to say. */
const PolicyShape = v.looseObject({
	version: Count,
	referenceLocale: Text,
	recipients: v.array(v.looseObject({ id: Text, name: Text, role: Text, contact: v.optional(Text, "") })),
	purposes: v.array(
		v.looseObject({
			id: Text,
			basis: v.picklist(["consent", "opt_out", "legitimate_interest", "legal_duty"]),
			fields: v.array(Text),
			recipients: v.array(Text),
			retentionDays: Count,
			embargoDays: v.optional(Count),
		}),
	),
	locales: v.record(
		Text,
		v.looseObject({ purposes: v.optional(v.record(Text, v.looseObject({ title: Text, body: Text }))) }),
	),
});

/** One purpose of a policy that verified. */
export interface PolicyRow extends Pick<PolicyPurpose, "basis" | "retentionDays"> {
	readonly fields: readonly string[];
	readonly recipients: readonly string[];
	/** 64 hex digits. */
	readonly purposeHash: string;
	readonly version: number;
	readonly title: string;
	/** By recipient: where a person can write to it. */
	readonly contacts: ReadonlyMap<string, string>;
}

export interface VerifiedPolicy {
	purpose(id: string): PolicyRow | undefined;
}

/** Policies by the hash that records name them by, 64 hex digits. Those with a wrong signature are not among them. */
export function verifyPolicies(
	policies: readonly SignedPolicy[],
	policyKey: Uint8Array,
): ReadonlyMap<string, VerifiedPolicy> {
	const verified = new Map<string, VerifiedPolicy>();
	for (const { policy, signature } of policies) {
		if (!verifyEd25519(policyKey, signedBytes(LABELS.policy, policy), signature)) continue;
		const file = readPolicy(policy);
		if (file !== undefined) verified.set(sha256Hex(policy), rowsOf(file));
	}
	return verified;
}

function readPolicy(bytes: Uint8Array): PolicyFile | undefined {
	try {
		const parsed = v.safeParse(PolicyShape, JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
		return parsed.success ? (parsed.output as unknown as PolicyFile) : undefined;
	} catch {
		return undefined;
	}
}

/** Each row is read once, for all items of a request. */
function rowsOf(file: PolicyFile): VerifiedPolicy {
	const rows = new Map<string, PolicyRow | undefined>();
	return {
		purpose(id) {
			if (!rows.has(id)) rows.set(id, rowOf(file, id));
			return rows.get(id);
		},
	};
}

function rowOf(file: PolicyFile, id: string): PolicyRow | undefined {
	const row = file.purposes.find((purpose) => purpose.id === id);
	const words = file.locales[file.referenceLocale]?.purposes?.[id];
	if (row === undefined || words === undefined) return undefined;
	try {
		const { basis, fields, recipients, retentionDays } = row;
		const purposeHash = sha256Hex(purposeBytes(file, id));
		const contacts = new Map(file.recipients.map((recipient) => [recipient.id, recipient.contact]));
		return {
			basis,
			fields,
			recipients,
			retentionDays,
			purposeHash,
			version: file.version,
			title: words.title,
			contacts,
		};
	} catch (error) {
		if (error instanceof TypeError) return undefined;
		throw error;
	}
}

export function sha256Hex(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}
