/** Deciding what a business may send: a statement that this device signs and the server keeps as evidence. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	BusinessPreferenceStatementSchema,
	idBytes,
	LABELS,
	Refusal,
	BusinessPermission as WirePermission,
} from "@troth/protocol";
import { categoryOf } from "../content/business-header.ts";
import type { BusinessPermission, BusinessPreferenceView, BusinessPurpose } from "../device/business-api.ts";
import type { DeviceContext } from "../device/context.ts";
import { signStatement } from "../identity/signed.ts";
import { viewPreference } from "./businesses.ts";

const PERMISSIONS = {
	unset: WirePermission.UNSET,
	allowed: WirePermission.ALLOWED,
	stopped: WirePermission.STOPPED,
} as const satisfies Record<BusinessPermission, WirePermission>;

export async function setBusinessPreference(
	context: DeviceContext,
	business: AccountId,
	purpose: BusinessPurpose,
	permission: BusinessPermission,
): Promise<BusinessPreferenceView> {
	const { engine, keys, rpc, self } = context;
	const decision = create(BusinessPreferenceStatementSchema, {
		accountId: idBytes(self.account),
		deviceId: idBytes(self.device),
		businessAccount: idBytes(business),
		category: categoryOf(purpose),
		permission: PERMISSIONS[permission],
		decidedAtMs: BigInt(context.serverNow()),
	});
	const bytes = toBinary(BusinessPreferenceStatementSchema, decision);
	const statement = await signStatement(engine, keys, LABELS.businessPreference, bytes);
	const { preference } = await rpc.businesses.setBusinessPreference({ statement });
	if (preference === undefined) throw new Refusal("INTERNAL", "the server gave no answer to a decision");
	return viewPreference(purpose, preference);
}
