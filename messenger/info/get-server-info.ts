import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	CIPHER_SUITE,
	type GetServerInfoRequest,
	type GetServerInfoResponseSchema,
	PROTOCOL_VERSION,
} from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** What a client has to know before it has an account. */
export function getServerInfo(
	{ origin, clock, codes, policyKey, sharing, absenceDays }: MessengerContext,
	_request: GetServerInfoRequest,
): MessageInitShape<typeof GetServerInfoResponseSchema> {
	return {
		name: "Troth",
		protocolVersionMin: PROTOCOL_VERSION,
		protocolVersionMax: PROTOCOL_VERSION,
		origin,
		serverTimeMs: BigInt(clock.now()),
		cipherSuites: [CIPHER_SUITE],
		developmentCodes: codes.development,
		voiceCodes: codes.voice === true,
		policyKey: policyKey.publicKey,
		logs: sharing?.logs.map(({ name, url, vkey }) => ({ name, url, vkey })) ?? [],
		witnesses: [...(sharing?.witnesses ?? [])],
		absenceDays,
		witnessQuorum: sharing?.quorum ?? 0,
		recipients: sharing?.recipients.map(({ id, url }) => ({ id, url })) ?? [],
	};
}
