/** The part of a device that is about businesses: what a person allows them, and what a business itself needs. */
import type { AccountId } from "@troth/protocol";

/** What a business message is for. People decide about each on its own. */
export type BusinessPurpose = "service" | "utility" | "authentication" | "marketing";

/** `unset`: nothing was said, and what the purpose allows by itself holds. */
export type BusinessPermission = "unset" | "allowed" | "stopped";

export interface BusinessPreferenceView {
	readonly purpose: BusinessPurpose;
	readonly permission: BusinessPermission;
	/** UTC milliseconds; undefined while unset. */
	readonly decidedAtMs: number | undefined;
	/** The receipt that messages name: hex of the first 16 bytes of the signed statement's SHA-256. Undefined while unset. */
	readonly consentId: string | undefined;
}

/** A business of the directory, and what this account said to it. */
export interface BusinessView {
	readonly account: AccountId;
	readonly name: string;
	readonly phone: string;
	readonly approvedAtMs: number;
	readonly blocked: boolean;
	/** One for each purpose. */
	readonly preferences: readonly BusinessPreferenceView[];
}

/** A text with `{{1}}`, `{{2}}`, … for variables, as a business registered it. A version never changes. */
export interface TemplateView {
	/** Decimal digits. */
	readonly id: string;
	readonly version: number;
	readonly name: string;
	readonly language: string;
	readonly purpose: BusinessPurpose;
	readonly body: string;
}

/** What a business account sends, instead of a person's plain text. */
export type BusinessMessage =
	/** Written freely, within the customer service window. */
	| { readonly kind: "service"; readonly text: string }
	/** Made from a registered template; its purpose is the template's. */
	| {
			readonly kind: "template";
			readonly template: TemplateView;
			readonly variables: readonly string[];
			/** The receipt it relies on; marketing needs one. */
			readonly consentId: string | undefined;
	  };

/** What a business's message said about itself, authenticated by its sender and checked here. */
export interface BusinessMark {
	readonly purpose: BusinessPurpose;
	readonly consentId: string | undefined;
	/** The text is this device's own rendering of that template. */
	readonly template: { readonly id: string; readonly version: number; readonly name: string } | undefined;
}

/** What a person said to the calling business, with the signature that proves it. */
export interface ConsentReceiptView extends BusinessPreferenceView {
	/** Serialized `Signed` BusinessPreferenceStatement; undefined while unset. */
	readonly evidence: Uint8Array | undefined;
}

export interface BusinessDevice {
	/** The directory, by name. Rejects with UNAVAILABLE where there is no connection. */
	businesses(): Promise<readonly BusinessView[]>;
	/**
	 * Signs and hands in what this account allows a business. In force when it resolves. Rejects with NOT_FOUND,
	 * CONSENT_CONFLICT (a later decision is stored).
	 */
	setBusinessPreference(
		business: AccountId,
		purpose: BusinessPurpose,
		permission: BusinessPermission,
	): Promise<BusinessPreferenceView>;

	/** Business accounts: registers a template. Rejects with FORBIDDEN, MALFORMED. */
	putTemplate(template: TemplateView): Promise<void>;
	/** Business accounts: what this person said about a purpose. Rejects with FORBIDDEN. */
	consentReceipt(person: AccountId, purpose: BusinessPurpose): Promise<ConsentReceiptView>;
}
