/** People out of a vCard file: versions 3.0 (RFC 2426) and 4.0 (RFC 6350), and 2.1, which phones still write. */
import type { AddressBookEntry, ImportProblem } from "../device/api.ts";
import { cleanName } from "./contact-link.ts";
import { type CardLines, cutCards, isQuotedPrintable, partsOf } from "./vcard-lines.ts";

/** Larger files are not read: they hold pictures, or are no address book. */
export const VCARD_BYTES = 32 * 1024 * 1024;
const MOST_CARDS = 10_000;
const NUMBERS_PER_CARD = 20;

/** The file is not taken; `code` says why. */
export class VcardError extends Error {
	override readonly name = "VcardError";
	readonly code: ImportProblem;

	constructor(code: ImportProblem, message: string) {
		super(message);
		this.code = code;
	}
}

export interface VcardPeople {
	readonly people: readonly AddressBookEntry[];
	/** Cards that could not be read. */
	readonly damaged: number;
}

/**
 * Everybody in the file who has a number; a damaged card costs only itself. Throws VcardError: `too-large`, `too-many`,
 * `no-vcard` (not one card can be read), `no-numbers`.
 */
export async function readVcards(file: Uint8Array): Promise<VcardPeople> {
	if (file.length > VCARD_BYTES) throw new VcardError("too-large", `at most ${VCARD_BYTES} bytes are read`);
	const cards = cutCards(decodeText(file));
	if (cards.length > MOST_CARDS) throw new VcardError("too-many", `at most ${MOST_CARDS} people are read`);
	const parse = await loadParser();
	const people: AddressBookEntry[] = [];
	let damaged = 0;
	for (const card of cards) {
		const person = card.damaged ? undefined : readCard(parse, card);
		if (person === undefined) damaged++;
		else if (person.numbers.length > 0) people.push(person);
	}
	if (damaged === cards.length) throw new VcardError("no-vcard", "there is no card in it that can be read");
	if (people.length === 0) throw new VcardError("no-numbers", "nobody in it has a number");
	return { people, damaged };
}

/** jCard (RFC 7095): `["vcard", [[name, parameters, type, value…], …], …]` */
type Parse = (text: string) => unknown;

async function loadParser(): Promise<Parse> {
	const { default: ical } = await import("ical.js");
	return (text) => ical.parse(text);
}

function readCard(parse: Parse, { version, lines }: CardLines): AddressBookEntry | undefined {
	const written = version === "2.1" ? lines.map(modernLine) : lines;
	const head = version === "4.0" ? "4.0" : "3.0";
	try {
		const card = parse(["BEGIN:VCARD", `VERSION:${head}`, ...written, "END:VCARD"].join("\r\n"));
		return personOf(propertiesOf(card));
	} catch {
		// Whatever the parser makes of hostile lines, it is a card that can not be read.
		return undefined;
	}
}

interface Property {
	readonly name: string;
	readonly value: unknown;
}

function propertiesOf(card: unknown): readonly Property[] {
	const properties = Array.isArray(card) && card[0] === "vcard" && Array.isArray(card[1]) ? card[1] : [];
	return properties.flatMap((property: unknown) =>
		Array.isArray(property) && typeof property[0] === "string" ? { name: property[0], value: property[3] } : [],
	);
}

function personOf(properties: readonly Property[]): AddressBookEntry {
	const all = (name: string) => properties.filter((property) => property.name === name).map(({ value }) => value);
	const numbers = all("tel").flatMap((value) => (typeof value === "string" && value.trim() !== "" ? value.trim() : []));
	const [family, given, additional, prefix] = textsOf(all("n")[0]);
	const names = [
		textsOf(all("fn")[0])[0],
		[prefix, given, additional, family].filter((part) => part !== undefined && part !== "").join(" "),
		textsOf(all("nickname")[0])[0],
		textsOf(all("org")[0])[0],
		numbers[0],
	];
	const name = names.map((one) => cleanName(one ?? "")).find((one) => one !== "") ?? "";
	return { name, numbers: numbers.slice(0, NUMBERS_PER_CARD) };
}

/** A structured value's parts; of a part with several texts, the first. */
function textsOf(value: unknown): readonly string[] {
	const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
	return parts.map((part) => {
		const text: unknown = Array.isArray(part) ? part[0] : part;
		return typeof text === "string" ? text : "";
	});
}

/** A line of 2.1 as 3.0 writes it: without its bare parameters, and with its text as it is. */
function modernLine(line: string): string {
	const { name, parameters, value } = partsOf(line);
	if (!isQuotedPrintable(line)) return `${name}:${value}`;
	const charset = /CHARSET=([\w-]+)/i.exec(parameters)?.[1] ?? "utf-8";
	return `${name}:${decodeQuotedPrintable(value, charset).replaceAll(/[\r\n]+/g, " ")}`;
}

/** RFC 2045 section 6.7. */
function decodeQuotedPrintable(value: string, charset: string): string {
	const bytes = new Uint8Array(value.length);
	let length = 0;
	for (let i = 0; i < value.length; i++) {
		const hex = value[i] === "=" ? /^[0-9A-Fa-f]{2}/.exec(value.slice(i + 1, i + 3))?.[0] : undefined;
		bytes[length++] = hex === undefined ? value.charCodeAt(i) & 0xff : Number.parseInt(hex, 16);
		if (hex !== undefined) i += 2;
	}
	const written = bytes.subarray(0, length);
	try {
		return new TextDecoder(charset).decode(written);
	} catch {
		return new TextDecoder().decode(written);
	}
}

/** UTF-8, UTF-16 where it begins with its mark, and what old phones wrote where it is no UTF-8. */
function decodeText(file: Uint8Array): string {
	if (file[0] === 0xff && file[1] === 0xfe) return new TextDecoder("utf-16le").decode(file);
	if (file[0] === 0xfe && file[1] === 0xff) return new TextDecoder("utf-16be").decode(file);
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(file);
	} catch {
		return new TextDecoder("windows-1252").decode(file);
	}
}
