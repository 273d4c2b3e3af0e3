import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetTermsRequest, type GetTermsResponseSchema, Refusal } from "@troth/protocol";
import type { PublishedTerms } from "./published-terms.ts";

/**
 * A version of the terms, the one in force where none is named, in the language asked for or in the reference language.
 * Refuses with TERMS_VERSION_UNKNOWN.
 */
export function describeVersion(
	terms: PublishedTerms,
	request: GetTermsRequest,
): MessageInitShape<typeof GetTermsResponseSchema> {
	const published = request.version === 0 ? terms.inForce : terms.published(request.version);
	if (published === undefined) throw new Refusal("TERMS_VERSION_UNKNOWN", "no such version was published here");
	const { policy, publishedAtMs, signature } = published;
	const { locale, hash, documents, summary } = policy.text(request.locale);
	return {
		current: {
			version: policy.version,
			publishedAtMs: BigInt(publishedAtMs),
			policyHash: policy.hash,
			locale,
			textHash: hash,
			documents: documents.map((document) => ({ ...document })),
			summary: [...summary],
			policy: new TextEncoder().encode(policy.canonical),
			policySignature: signature,
		},
	};
}
