import type { MessageInitShape } from "@bufbuild/protobuf";
import { describeVersion } from "@troth/bridge";
import type { GetTermsRequest, GetTermsResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** A version of the terms. Refuses with TERMS_VERSION_UNKNOWN. */
export function getTerms(
	{ terms }: MessengerContext,
	request: GetTermsRequest,
): MessageInitShape<typeof GetTermsResponseSchema> {
	return describeVersion(terms, request);
}
