/** Numbers as people type them, and as the server knows them: E.164. */
import { isRegion, type PhoneNumber, Refusal } from "@troth/protocol";
import { type CountryCode, parsePhoneNumberFromString } from "libphonenumber-js/min";

/** No number needs more, with all the spaces and brackets people put into it. */
const LONGEST_INPUT = 40;

/**
 * Reads a number with its country code ("+1 555 010 0001"). Possible is enough: whether it exists is shown by the code
 * that arrives. Refuses with PHONE_INVALID; the number is not repeated.
 */
export function readPhoneNumber(text: string): PhoneNumber {
	const number = possibleNumber(text);
	if (number === undefined) throw new Refusal("PHONE_INVALID", "not a possible phone number with a country code");
	return number;
}

/** The same; undefined where it is no possible number. */
export function possibleNumber(text: string): PhoneNumber | undefined {
	const parsed = text.length > LONGEST_INPUT ? undefined : parsePhoneNumberFromString(text);
	if (parsed === undefined || !parsed.isPossible() || parsed.ext !== undefined) return undefined;
	return parsed.number as string as PhoneNumber;
}

/**
 * ISO 3166-1 alpha-2 of a number; of one that is possible without being in use, the main country of its calling code.
 * Undefined for numbers of no country.
 */
export function regionOfNumber(phone: PhoneNumber): string | undefined {
	const parsed = parsePhoneNumberFromString(phone);
	const region: CountryCode | undefined = parsed?.country ?? parsed?.getPossibleCountries()[0];
	return region !== undefined && isRegion(region) ? region : undefined;
}
