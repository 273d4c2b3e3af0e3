import type { MessageInitShape } from "@bufbuild/protobuf";
import type { GetChallengeRequest, GetChallengeResponseSchema } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** 32 bytes to sign, good once and for a minute. */
export function getChallenge(
	{ sessions }: MessengerContext,
	_request: GetChallengeRequest,
): MessageInitShape<typeof GetChallengeResponseSchema> {
	const { challenge, expiresAtMs } = sessions.newChallenge();
	return { challenge, expiresAtMs: BigInt(expiresAtMs) };
}
