import type { MessageInitShape } from "@bufbuild/protobuf";
import { type GetServerInfoResponseSchema, PROTOCOL_VERSION } from "@troth/protocol";
import type { BesideContext } from "../context.ts";

/** What a page has to know before it believes anything: the keys that it pins. */
export function describeServer({
	clock,
	policyKey,
	sharing,
	title,
}: BesideContext): MessageInitShape<typeof GetServerInfoResponseSchema> {
	return {
		name: title,
		protocolVersionMin: PROTOCOL_VERSION,
		protocolVersionMax: PROTOCOL_VERSION,
		serverTimeMs: BigInt(clock.now()),
		policyKey: policyKey.publicKey,
		logs: sharing.logs.map(({ name, url, vkey }) => ({ name, url, vkey })),
		witnesses: [...sharing.witnesses],
		witnessQuorum: sharing.quorum,
		recipients: sharing.recipients.map(({ id, url }) => ({ id, url })),
	};
}
