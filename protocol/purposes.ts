/**
 * The catalogue of C1: which fields may ever leave the messenger, and for what. Nothing else exists; never messages,
 * contacts, groups, media or who talks to whom. The policy file can only narrow it.
 */

export const FIELDS = [
	"phone_number",
	"device_type",
	"os",
	"app_version",
	"link_assertion",
	"last_used_day",
	"usage_class",
	"counts",
	"label",
	"score_class",
	"case_id",
] as const;

export type Field = (typeof FIELDS)[number];
export type Basis = "consent" | "opt_out" | "legitimate_interest" | "legal_duty";

/** Under which identity the recipient gets the fields. */
export type RecipientIdentity =
	| "matched_account"
	| "linked_account"
	| "quarterly_pseudonym"
	| "none"
	| "number_pseudonym";

export interface CatalogueRow {
	readonly bases: readonly Basis[];
	readonly fields: readonly Field[];
	readonly identity: RecipientIdentity;
}

export const CATALOGUE = {
	friend_suggestions: { bases: ["consent", "opt_out"], fields: ["phone_number"], identity: "matched_account" },
	relevant_ads: {
		bases: ["consent", "opt_out"],
		fields: ["phone_number", "device_type", "os"],
		identity: "matched_account",
	},
	account_linking: {
		bases: ["consent"],
		fields: ["link_assertion", "device_type", "os", "app_version"],
		identity: "linked_account",
	},
	usage_metrics: {
		bases: ["legitimate_interest"],
		fields: ["last_used_day", "usage_class"],
		identity: "quarterly_pseudonym",
	},
	infrastructure: { bases: ["legitimate_interest"], fields: ["counts"], identity: "none" },
	spam_and_abuse: { bases: ["legitimate_interest"], fields: ["label", "score_class"], identity: "number_pseudonym" },
	security: {
		bases: ["legitimate_interest", "legal_duty"],
		fields: ["label", "case_id"],
		identity: "number_pseudonym",
	},
	infringement: {
		bases: ["legitimate_interest", "legal_duty"],
		fields: ["label", "case_id"],
		identity: "number_pseudonym",
	},
} as const satisfies Record<string, CatalogueRow>;

export type Purpose = keyof typeof CATALOGUE;
/** Purposes that ask nobody: they stand on `legitimate_interest` or `legal_duty`, with narrower fields (B6). */
export type ResidualPurpose = {
	[P in Purpose]: Extract<(typeof CATALOGUE)[P]["bases"][number], "consent" | "opt_out"> extends never ? P : never;
}[Purpose];
export type ChoicePurpose = Exclude<Purpose, ResidualPurpose>;

/** False for names that are not in the catalogue, too. */
export function isResidual(purpose: string): purpose is ResidualPurpose {
	const row: CatalogueRow | undefined = Object.hasOwn(CATALOGUE, purpose) ? CATALOGUE[purpose as Purpose] : undefined;
	return row !== undefined && !row.bases.some((basis) => basis === "consent" || basis === "opt_out");
}

/**
 * Can a person object to it beforehand, with a switch? Where somebody was acted upon, they object to that, when it
 * happened: nobody can keep a limit from being told before there is one.
 */
export function hasObjection({ id, objection }: { readonly id: string; readonly objection: boolean }): boolean {
	return objection && isResidual(id) && CATALOGUE[id].identity === "quarterly_pseudonym";
}

/** May a share of it be about nobody? That is all there is of it, or what is left where only sums may be made. */
export function mayBeAboutNobody(purpose: Purpose): boolean {
	return CATALOGUE[purpose].identity === "none" || purpose === "usage_metrics";
}

/** The fields of one purpose. */
export type FieldsOf<P extends Purpose> = (typeof CATALOGUE)[P]["fields"][number];
