/** What a business says about its message outside of the ciphertext, authenticated by MLS and read by the server. */
import { type AuthenticatedData, BusinessCategory, fromHex, ID_BYTES, toHex } from "@troth/protocol";
import type { BusinessPurpose } from "../device/business-api.ts";
import { Unreadable } from "./unreadable.ts";

/** As it is kept with a message; ids and hashes are hex. */
export interface BusinessHeader {
	readonly purpose: BusinessPurpose;
	readonly consentId: string | undefined;
	/** With every purpose but service (`template.ts`). */
	readonly commitment: string | undefined;
}

const CATEGORIES = {
	service: BusinessCategory.SERVICE,
	utility: BusinessCategory.UTILITY,
	authentication: BusinessCategory.AUTHENTICATION,
	marketing: BusinessCategory.MARKETING,
} as const satisfies Record<BusinessPurpose, BusinessCategory>;

export const PURPOSES = Object.keys(CATEGORIES) as readonly BusinessPurpose[];

export function categoryOf(purpose: BusinessPurpose): BusinessCategory {
	return CATEGORIES[purpose];
}

/** Undefined for a number that this version does not know, and for none. */
export function purposeOf(category: BusinessCategory): BusinessPurpose | undefined {
	return PURPOSES.find((purpose) => CATEGORIES[purpose] === category);
}

/** The fields of AuthenticatedData; none for a person's message. */
export function headerFields(
	header: BusinessHeader | undefined,
): Partial<Pick<AuthenticatedData, "category" | "consentId" | "templateCommitment">> {
	if (header === undefined) return {};
	const { purpose, consentId, commitment } = header;
	return {
		category: categoryOf(purpose),
		...(consentId !== undefined && { consentId: fromHex(consentId) ?? new Uint8Array() }),
		...(commitment !== undefined && { templateCommitment: fromHex(commitment) ?? new Uint8Array() }),
	};
}

/** What was said, undefined for a person's message. Throws Unreadable: `Malformed`. */
export function readHeader({ category, consentId, templateCommitment }: AuthenticatedData): BusinessHeader | undefined {
	if (category === BusinessCategory.UNSPECIFIED) return undefined;
	const purpose = purposeOf(category);
	if (purpose === undefined || (consentId.length !== 0 && consentId.length !== ID_BYTES))
		throw new Unreadable("Malformed");
	return {
		purpose,
		consentId: consentId.length === 0 ? undefined : toHex(consentId),
		commitment: templateCommitment.length === 0 ? undefined : toHex(templateCommitment),
	};
}
