/** What the public pages say of their own, in English. What a version says, it says in its own words. */
import {
	type Basis,
	hasObjection,
	isResidual,
	type PolicyPurpose,
	type PolicyRecipient,
	type RecipientIdentity,
} from "@troth/protocol";

const FIELDS: { readonly [field: string]: string | undefined } = {
	phone_number: "your phone number",
	device_type: "the kind of your device",
	os: "its operating system",
	app_version: "the version of this app",
	link_assertion: "a signed confirmation that both accounts are yours",
	last_used_day: "the day on which you last used the app",
	usage_class: "how much you use it, in four steps",
	counts: "counts that name nobody",
	label: "a label, for accounts that were acted upon",
	score_class: "a score in classes, for accounts that were acted upon",
	case_id: "a case number, for accounts that were acted upon",
};

const BASES: Readonly<Record<Basis, string>> = {
	consent: "your yes",
	opt_out: "that you did not say no",
	legitimate_interest: "legitimate interest",
	legal_duty: "a legal duty",
};

const ROLES: Readonly<Record<PolicyRecipient["role"], string>> = {
	controller: "decides by itself what it does with it, within the purpose, and answers for it (controller)",
	joint: "decides together with this server and answers together with it (joint controller)",
	processor: "acts on behalf of this server only (processor)",
};

const IDENTITIES: Readonly<Record<RecipientIdentity, string>> = {
	matched_account: "kept only at an account there that verified the same number, or that you linked",
	linked_account: "kept only at the account there that you linked",
	quarterly_pseudonym: "under a pseudonym that changes each quarter, without the number",
	none: "for nobody in particular: sums only",
	number_pseudonym: "under a keyed pseudonym of the number, without the number",
};

const LIST = new Intl.ListFormat("en", { type: "conjunction" });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeZone: "UTC" });
const LANGUAGES = new Intl.DisplayNames("en", { type: "language", fallback: "code" });

export const fieldWords = (field: string): string => FIELDS[field] ?? field;
export const basisWords = (basis: Basis): string => BASES[basis];
/** Undefined where no answer but a yes counts, or where there is nobody or no way to object. */
export function objectionWords(purpose: Pick<PolicyPurpose, "id" | "basis" | "objection">): string | undefined {
	if (!isResidual(purpose.id) || !purpose.objection) return undefined;
	return hasObjection(purpose) ? "you can object" : "you can object to a limit on your account";
}
export const roleWords = (role: PolicyRecipient["role"]): string => ROLES[role];
export const identityWords = (identity: RecipientIdentity): string => IDENTITIES[identity];
export const listWords = (items: readonly string[]): string => LIST.format(items);
/** A day in UTC: "22 November 2026". */
export const dayWords = (ms: number): string => DATE.format(ms);
export const daysWords = (days: number): string => (days === 1 ? "1 day" : `${days} days`);

/** "German" for "de"; the tag itself where it names no language. */
export function languageWords(locale: string): string {
	try {
		return LANGUAGES.of(locale) ?? locale;
	} catch {
		return locale;
	}
}
