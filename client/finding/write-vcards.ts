import type { ContactView } from "../device/api.ts";

/** The address book as a vCard 4.0 file (RFC 6350): a card for each name with all its numbers. */
export async function writeVcards(contacts: readonly ContactView[]): Promise<string> {
	const { default: ical } = await import("ical.js");
	const people = Map.groupBy(contacts, ({ name }) => name);
	return [...people]
		.map(([name, numbers]) => {
			const tel = numbers.map(({ phone }) => ["tel", {}, "uri", `tel:${phone}`]);
			const properties = [["version", {}, "text", "4.0"], ["fn", {}, "text", name], ...tel];
			return `${ical.stringify(["vcard", properties, []])}\r\n`;
		})
		.join("");
}
