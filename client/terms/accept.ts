/** Accepting a version of the terms. What is shared is another decision (B4): `consent/decide.ts`. */
import { create, toBinary } from "@bufbuild/protobuf";
import { idBytes, LABELS, TermsAcceptanceSchema } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { signStatement } from "../identity/signed.ts";
import { Untrusted } from "../identity/untrusted.ts";
import { dismissEnding } from "./account-ending.ts";
import { endNotice } from "./notice.ts";
import { askPolicyLog } from "./policy-log.ts";
import { readTerms } from "./read-terms.ts";

/**
 * Signs that the person accepts this version, unless the public log of policies contradicts it. Rejects with
 * TERMS_VERSION_UNKNOWN; throws Untrusted.
 */
export async function acceptTerms(context: DeviceContext, version: number): Promise<void> {
	const { rpc, engine, keys, self } = context;
	const { policyHash, textHash } = await readTerms(context, version);
	const logged = await askPolicyLog(context, version, policyHash);
	if (logged.kind === "contradicted")
		throw new Untrusted("POLICY_LOG_CONTRADICTS", `the public log of policies contradicts it (${logged.reason})`);
	const acceptance = create(TermsAcceptanceSchema, {
		accountId: idBytes(self.account),
		deviceId: idBytes(self.device),
		version,
		policyHash,
		textHash,
		acceptedAtMs: BigInt(context.serverNow()),
	});
	const statement = toBinary(TermsAcceptanceSchema, acceptance);
	await rpc.terms.acceptTerms({ acceptance: await signStatement(engine, keys, LABELS.termsAcceptance, statement) });
	await endNotice(context, version);
	await dismissEnding(context);
	context.announcer.emit({ type: "sharing" });
}
