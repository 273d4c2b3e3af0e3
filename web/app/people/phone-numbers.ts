/** Reading and writing phone numbers. Loaded when first needed: the tables of all countries are the largest part. */
import { AsYouType, type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

export interface ReadNumber {
	/** As it is written internationally, so far. */
	readonly formatted: string;
	/** E.164, where it is complete. */
	readonly e164: string | undefined;
	readonly country: string | undefined;
}

/**
 * Reads what was typed so far. Without a country code the number is taken as one of `region`.
 * @param region ISO 3166, e.g. "US"
 */
export function readNumber(typed: string, region: string | undefined): ReadNumber {
	const home = region as CountryCode | undefined;
	const asYouType = new AsYouType(home);
	const formatted = asYouType.input(typed);
	const parsed = parsePhoneNumberFromString(typed, home);
	const country = asYouType.getCountry();
	return {
		formatted: typed.trimStart().startsWith("+") ? formatted : typed,
		e164: parsed?.isPossible() === true ? parsed.number : undefined,
		country: country === undefined ? undefined : countryNames.of(country),
	};
}

/** "+15550100001" → "+1 555 010 0001" with spaces that do not break; anything else unchanged. */
export function internationally(e164: string): string {
	return parsePhoneNumberFromString(e164)?.formatInternational().replaceAll(" ", "\u00a0") ?? e164;
}
