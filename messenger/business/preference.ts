/** A person's decision about a business, as it goes over the wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type BusinessCategory,
	BusinessPermission,
	type BusinessPreferenceSchema,
	fromHex,
	idBytes,
} from "@troth/protocol";
import type { Selectable } from "kysely";
import type { BusinessPreferenceTable } from "./tables.ts";

const PERMISSIONS = {
	unset: BusinessPermission.UNSET,
	allowed: BusinessPermission.ALLOWED,
	stopped: BusinessPermission.STOPPED,
} as const;

type Row = Pick<
	Selectable<BusinessPreferenceTable>,
	"business_id" | "category" | "permission" | "consent_id" | "decided_at_ms"
>;

export function toPreference(row: Row): MessageInitShape<typeof BusinessPreferenceSchema> {
	return {
		businessAccount: idBytes(row.business_id),
		category: row.category,
		permission: PERMISSIONS[row.permission],
		decidedAtMs: BigInt(row.decided_at_ms),
		consentId: row.permission === "unset" ? new Uint8Array() : (fromHex(row.consent_id) ?? new Uint8Array()),
	};
}

/** What stands where nothing was ever said. */
export function unsetPreference(
	business: AccountId,
	category: BusinessCategory,
): MessageInitShape<typeof BusinessPreferenceSchema> {
	return { businessAccount: idBytes(business), category, permission: BusinessPermission.UNSET };
}

/** The column's word for a permission on the wire; undefined for a number that means nothing here. */
export function fromPermission(permission: BusinessPermission): BusinessPreferenceTable["permission"] | undefined {
	switch (permission) {
		case BusinessPermission.UNSET:
			return "unset";
		case BusinessPermission.ALLOWED:
			return "allowed";
		case BusinessPermission.STOPPED:
			return "stopped";
		default:
			return undefined;
	}
}
