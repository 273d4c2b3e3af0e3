/** The directory of businesses, and what this account said to each. */
import {
	type AccountId,
	type BusinessPreference,
	readId,
	toHex,
	BusinessPermission as WirePermission,
} from "@troth/protocol";
import { PURPOSES, purposeOf } from "../content/business-header.ts";
import type { BusinessPermission, BusinessPreferenceView, BusinessView } from "../device/business-api.ts";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";

export async function listBusinesses(context: DeviceContext): Promise<readonly BusinessView[]> {
	const { rpc, state } = context;
	const [{ businesses }, { preferences }] = await Promise.all([
		rpc.businesses.listBusinesses({}),
		rpc.businesses.getBusinessPreferences({}),
	]);
	return businesses.flatMap(({ accountId, name, phone, approvedAtMs }) => {
		const account = readId<AccountId>(accountId);
		if (account === undefined) return [];
		const said = preferences.filter(({ businessAccount }) => readId(businessAccount) === account);
		const blocked = state.kept(KEYS.account(account))?.blocked === true;
		return { account, name, phone, approvedAtMs: Number(approvedAtMs), blocked, preferences: complete(said) };
	});
}

function complete(said: readonly BusinessPreference[]): readonly BusinessPreferenceView[] {
	return PURPOSES.map((purpose) => {
		const decision = said.find(({ category }) => purposeOf(category) === purpose);
		return decision === undefined ? { purpose, ...UNSET } : viewPreference(purpose, decision);
	});
}

const UNSET = { permission: "unset", decidedAtMs: undefined, consentId: undefined } as const;

export function viewPreference(
	purpose: BusinessPreferenceView["purpose"],
	{ permission, decidedAtMs, consentId }: BusinessPreference,
): BusinessPreferenceView {
	const said = permissionOf(permission);
	if (said === "unset") return { purpose, ...UNSET };
	return { purpose, permission: said, decidedAtMs: Number(decidedAtMs), consentId: toHex(consentId) };
}

function permissionOf(permission: WirePermission): BusinessPermission {
	switch (permission) {
		case WirePermission.ALLOWED:
			return "allowed";
		case WirePermission.STOPPED:
			return "stopped";
		default:
			return "unset";
	}
}
