/** Numbers as address books have them. Loaded when first needed: the tables of all countries are large. */
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

/** No number needs more, with all the signs people put into it. */
const LONGEST_INPUT = 60;

/** The country whose national numbers an address book of the person with this number (E.164) has; undefined for none. */
export function regionOf(phone: string): string | undefined {
	const parsed = parsePhoneNumberFromString(phone);
	return parsed?.country ?? parsed?.getPossibleCountries()[0];
}

/**
 * E.164 of a number as it is written ("0151 2345678", "tel:+1-555-010-0001"); undefined for what is no possible number.
 * @param region where a number without country code belongs to, ISO 3166-1 alpha-2
 */
export function readWrittenNumber(written: string, region: string | undefined): string | undefined {
	if (written.length > LONGEST_INPUT) return undefined;
	const bare = written.trim().replace(/^tel:/i, "").replace(/;.*$/, "");
	const parsed = parsePhoneNumberFromString(bare, region as CountryCode | undefined);
	return parsed?.isPossible() === true && parsed.ext === undefined ? parsed.number : undefined;
}
