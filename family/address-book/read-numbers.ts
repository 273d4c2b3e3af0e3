/** Numbers out of what people paste: a vCard file (RFC 6350, and the older ones phones export) or lines of numbers. */
import type { PhoneNumber } from "@troth/protocol";
import { parseNumber } from "../phone/numbers.ts";

export interface ReadNumbers {
	readonly numbers: ReadonlySet<PhoneNumber>;
	/** Lines that look like a number and are none, or lack their country code. */
	readonly unreadable: number;
}

/** @param country where numbers without a country code are from: ISO 3166-1, two letters */
export function readNumbers(text: string, country?: string): ReadNumbers {
	const lines = /^BEGIN:VCARD/im.test(text) ? telephonesOf(text) : text.split(/[\r\n,;]+/);
	const numbers = new Set<PhoneNumber>();
	let unreadable = 0;
	for (const line of lines) {
		if (!/\d/.test(line)) continue;
		const phone = parseNumber(line.trim(), country);
		if (phone === undefined) unreadable++;
		else numbers.add(phone);
	}
	return { numbers, unreadable };
}

/** Values of TEL lines: `TEL;TYPE=CELL:+1 555…`, `item1.TEL:…`, `TEL;VALUE=uri:tel:+1-555…`. */
function telephonesOf(text: string): readonly string[] {
	const unfolded = text.replaceAll(/\r?\n[ \t]/g, "");
	return [...unfolded.matchAll(/^(?:[\w-]+\.)?TEL(?:;[^:\r\n]*)?:(?:tel:)?([^\r\n;]*)/gim)].map(
		(match) => match[1] ?? "",
	);
}
