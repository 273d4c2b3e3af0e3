import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetTermsRequest, GetTermsResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** The terms in force, in the language asked for or in the reference language. */
export function getTerms(
	{ terms }: MessengerContext,
	request: GetTermsRequest,
): MessageInitShape<typeof GetTermsResponseSchema> {
	const { policy, publishedAtMs } = terms.current;
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
		},
	};
}
