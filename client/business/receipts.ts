/** The business's side of a person's decision: the receipt that its messages name. */
import { toBinary } from "@bufbuild/protobuf";
import { type AccountId, idBytes, Refusal, SignedSchema } from "@troth/protocol";
import { categoryOf } from "../content/business-header.ts";
import type { BusinessPurpose, ConsentReceiptView } from "../device/business-api.ts";
import type { DeviceContext } from "../device/context.ts";
import { viewPreference } from "./businesses.ts";

export async function consentReceipt(
	{ rpc }: DeviceContext,
	person: AccountId,
	purpose: BusinessPurpose,
): Promise<ConsentReceiptView> {
	const request = { accountId: idBytes(person), category: categoryOf(purpose) };
	const { preference, statement } = await rpc.businesses.getConsentReceipt(request);
	if (preference === undefined) throw new Refusal("INTERNAL", "the server gave no answer about a receipt");
	return {
		...viewPreference(purpose, preference),
		evidence: statement === undefined ? undefined : toBinary(SignedSchema, statement),
	};
}
