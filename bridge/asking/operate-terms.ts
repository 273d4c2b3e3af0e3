/** The terms, from the operator's side: what is in force, what lies ready, and how a version comes into force. */
import { type PolicyFile, toHex } from "@troth/protocol";
import type { Finding } from "../policy/lint.ts";
import { type Policy, parsePolicy } from "../policy/policy.ts";
import { PolicyError } from "../policy/policy-error.ts";
import type { PublishedTerms } from "./published-terms.ts";

export interface TermsOverview {
	readonly current: PolicyFile;
	readonly next: PolicyFile | null;
	readonly versions: readonly { readonly version: number; readonly publishedAt: number; readonly policyHash: string }[];
}

export function describeTerms(terms: PublishedTerms): TermsOverview {
	return {
		current: terms.current.file,
		next: terms.next?.file ?? null,
		versions: terms.versions.map(({ policy, publishedAtMs }) => ({
			version: policy.version,
			publishedAt: publishedAtMs,
			policyHash: toHex(policy.hash),
		})),
	};
}

export interface OperatorAnswer {
	readonly status: 201 | 409 | 422;
	readonly body: object;
}

/** Publishes a policy file. It is in force when this resolves. */
export async function publishTerms(terms: PublishedTerms, file: unknown): Promise<OperatorAnswer> {
	try {
		const policy: Policy = parsePolicy(JSON.stringify(file ?? null));
		const published = await terms.publish(policy);
		if (published === undefined)
			return { status: 409, body: { error: "VERSION_EXISTS", current: terms.current.version } };
		return { status: 201, body: { version: policy.version, publishedAt: published.publishedAtMs } };
	} catch (error) {
		if (!(error instanceof PolicyError)) throw error;
		return { status: 422, body: { error: error.code, message: error.message, findings: findingsOf(error) } };
	}
}

/** What is no policy at all has one finding too, so that programs read one list. */
function findingsOf({ code, message, findings }: PolicyError): readonly (Finding | object)[] {
	return findings.length > 0 ? findings : [{ code, path: "", message }];
}
