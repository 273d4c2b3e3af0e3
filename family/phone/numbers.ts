/** Numbers as people type them and as they stand in address books; from here on E.164, and then tags only. */
import type { PhoneNumber } from "@troth/protocol";
import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from "libphonenumber-js/min";
import { Problem } from "../http/problem.ts";

/** No number needs more, with all the spaces and brackets people put into it. */
const LONGEST_INPUT = 40;

/**
 * Is it written as E.164 says: a plus, and 7 to 15 digits? For a number that somebody else has parsed and verified; it
 * is compared here, and never dialled.
 */
export function isE164(text: string): text is PhoneNumber {
	return /^\+[1-9]\d{6,14}$/.test(text);
}

/**
 * A number in E.164; undefined where it is none. Possible is enough: whether it exists is shown by the code that
 * arrives. `country` (ISO 3166-1, two letters) is where numbers without a country code are from.
 */
export function parseNumber(text: string, country?: string): PhoneNumber | undefined {
	if (text.length > LONGEST_INPUT) return undefined;
	const from = country?.toUpperCase() as CountryCode | undefined;
	const parsed =
		from !== undefined && isSupportedCountry(from)
			? parsePhoneNumberFromString(text, from)
			: parsePhoneNumberFromString(text);
	if (parsed === undefined || !parsed.isPossible() || parsed.ext !== undefined) return undefined;
	return parsed.number as string as PhoneNumber;
}

/** A number with its country code. Throws Problem PHONE_INVALID; the number is not repeated. */
export function readNumber(text: string): PhoneNumber {
	const phone = parseNumber(text);
	if (phone === undefined)
		throw new Problem("PHONE_INVALID", "This is not a phone number with its country code, like +1 555 010 0001.");
	return phone;
}
