/**
 * What a signature or key is for. A signature is made over `label || 0x00 || statement`, so that one made for a
 * login can never pass for a device list, nor either of them for MLS (whose labels begin with "MLS 1.0 ").
 */
export const LABELS = {
	login: "troth/v1/login",
	deviceList: "troth/v1/device-list",
	deviceAgreement: "troth/v1/device-agreement",
	ownState: "troth/v1/own-state",
	accountDeletion: "troth/v1/account-deletion",
	numberChange: "troth/v1/number-change",
	numberCertificate: "troth/v1/number-certificate",
	termsAcceptance: "troth/v1/terms-acceptance",
	noticeDisplayed: "troth/v1/notice-displayed",
	consentDecision: "troth/v1/consent-decision",
	consentGrant: "troth/v1/consent-grant",
	consentReceipt: "troth/v1/consent-receipt",
	policy: "troth/v1/policy",
	promises: "troth/v1/promises",
	businessPreference: "troth/v1/business-preference",
	contactLink: "troth/v1/contact-link",
	receipt: "troth/v1/receipt",
	signal: "troth/v1/signal",
} as const;

export type Label = (typeof LABELS)[keyof typeof LABELS];

/** The exact bytes an Ed25519 signature of a `Signed` covers. */
export function signedBytes(label: Label, statement: Uint8Array): Uint8Array<ArrayBuffer> {
	const prefix = new TextEncoder().encode(label);
	const bytes = new Uint8Array(prefix.length + 1 + statement.length);
	bytes.set(prefix);
	bytes.set(statement, prefix.length + 1);
	return bytes;
}

/** MLS exporter labels (RFC 9420 section 8.5). */
export const EXPORTER = { receipts: "troth receipts", signals: "troth signals" } as const;
