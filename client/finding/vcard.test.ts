/** Address books as phones, programs and strangers write them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { rounds } from "../../protocol/_rounds.ts";
import { readWrittenNumber, regionOf } from "./numbers.ts";
import { readVcards, VCARD_BYTES, VcardError } from "./vcard.ts";
import { writeVcards } from "./write-vcards.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const card = (version: string, ...lines: string[]) =>
	["BEGIN:VCARD", `VERSION:${version}`, ...lines, "END:VCARD", ""].join("\r\n");
const read = (text: string) => readVcards(encode(text));
const refused = (code: string) => (error: unknown) => error instanceof VcardError && error.code === code;

test("a card of RFC 6350: groups, numbers as URIs, folded lines, escapes", async () => {
	const file = card(
		"4.0",
		"FN:Bob\\, the bui",
		" lder",
		"N:Smith;Bob;;;",
		'item1.TEL;VALUE=uri;TYPE="voice,home":tel:+1-555-010-0001;ext=5',
		"TEL;TYPE=cell:+1 555 010 0002",
		"NOTE:TEL:+15550109999",
	);
	assert.deepEqual(await read(file), {
		people: [{ name: "Bob, the builder", numbers: ["tel:+1-555-010-0001;ext=5", "+1 555 010 0002"] }],
		damaged: 0,
	});
});

test("a card of RFC 2426 with a picture, and one of 2.1 as phones write it", async () => {
	const picture = Array.from({ length: 2_000 }, () => ` ${"QUJD".repeat(18)}`);
	const file =
		card("3.0", "N:Dodgson;Alice;;Dr.;", "PHOTO;ENCODING=b;TYPE=JPEG:QUJD", ...picture, "TEL;TYPE=CELL:+15550100003") +
		card(
			"2.1",
			"N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=B6rg;;;",
			"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:J=C3=B6rg =",
			"M=C3=BCller",
			"TEL;CELL;PREF:0151 2345678",
			"AGENT:",
			"BEGIN:VCARD",
			"VERSION:2.1",
			"TEL:+15550109998",
			"END:VCARD",
			"TEL;HOME:030 901820",
		);
	assert.deepEqual((await read(file)).people, [
		{ name: "Dr. Alice Dodgson", numbers: ["+15550100003"] },
		{ name: "Jörg Müller", numbers: ["0151 2345678", "030 901820"] },
	]);
});

test("UTF-16 and what is no UTF-8 are read as what they are", async () => {
	const text = card("3.0", "FN:Zoë", "TEL:+15550100004");
	const wide = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
	const narrow = Buffer.from(text, "latin1");
	for (const file of [wide, Buffer.from(wide).swap16(), narrow, encode(`\ufeff${text}`)])
		assert.equal((await readVcards(file)).people[0]?.name, "Zoë");
});

test("who has no name is called by the number; unseen characters are left out of names", async () => {
	const file =
		card("4.0", "FN:", "TEL:+15550100005") +
		card("4.0", `FN:\u202eecilA\u0000 \u200b${"x".repeat(200)}`, "TEL:+15550100006") +
		card("4.0", "ORG:Post;Counter", "TEL:+15550100007");
	const names = (await read(file)).people.map(({ name }) => name);
	assert.deepEqual(names, ["+15550100005", `ecilA ${"x".repeat(58)}`, "Post"]);
});

test("a damaged card costs only itself", async () => {
	const good = card("3.0", "FN:Alice", "TEL:+15550100001");
	const file = [
		"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:No end\r\nTEL:+15550100009\r\n",
		good,
		card("3.0", 'FN;X="open:Quote', "TEL:+15550100008"),
		card("3.0", `FN:${"y".repeat(10_000)}`, "TEL:+15550100007"),
		card("3.0", ...Array.from({ length: 1_000 }, (_, i) => `TEL:+1555011${i.toString().padStart(4, "0")}`)),
		"END:VCARD\r\n",
		good.toLowerCase().replaceAll("\r", ""),
		"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Cut o",
	].join("");
	const { people, damaged } = await read(file);
	assert.deepEqual(
		people.map(({ name }) => name),
		["Alice", "alice"],
	);
	assert.equal(damaged, 5);
});

test("what is no address book is refused, and says why", async () => {
	for (const none of ["", "hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "BEGIN:VCARD\r\n", "\u0000".repeat(1000)])
		await assert.rejects(read(none), refused("no-vcard"), JSON.stringify(none.slice(0, 20)));
	await assert.rejects(read(card("4.0", "FN:Alice")), refused("no-numbers"));
	await assert.rejects(readVcards(new Uint8Array(VCARD_BYTES + 1)), refused("too-large"));
	await assert.rejects(read("BEGIN:VCARD\nEND:VCARD\n".repeat(10_001)), refused("too-many"));
});

test("what is written is read again, whatever people are called", async () => {
	const contacts = [
		["Bob; the \\ builder, 2nd", "+15550100001"],
		["爱丽丝".repeat(20), "+15550100002"],
		["Bob; the \\ builder, 2nd", "+15550100003"],
	].map(([name = "", phone = ""]) => ({ name, phone, person: undefined, checkedAtMs: undefined }));
	const file = await writeVcards(contacts);
	assert.ok(file.split("\r\n").every((line) => line.length <= 75));
	assert.deepEqual((await read(file)).people, [
		{ name: "Bob; the \\ builder, 2nd", numbers: ["tel:+15550100001", "tel:+15550100003"] },
		{ name: "爱丽丝".repeat(20), numbers: ["tel:+15550100002"] },
	]);
});

test("names of properties that mean something to the language are only names", async () => {
	const file = card("4.0", "__proto__:x", "constructor.TEL;__proto__=y:+15550100001", "FN;constructor=z:Alice");
	assert.deepEqual((await read(file)).people, [{ name: "Alice", numbers: ["+15550100001"] }]);
	assert.equal(({} as { readonly x?: unknown }).x, undefined);
});

test("any bytes at all give people or a reason, and never more than was there", async () => {
	const piece = fc.oneof(
		fc.constantFrom(
			"BEGIN:VCARD\r\n",
			"END:VCARD\n",
			"VERSION:4.0\n",
			"VERSION:2.1\n",
			"FN:Al",
			"TEL;CELL:",
			"TEL:+1555",
			"=\n",
		),
		fc.constantFrom(" ", "\t", ";ENCODING=QUOTED-PRINTABLE:=C3", '"', "\\n", "N:;;", "AGENT:\n", "item.", "\r\n"),
		fc.string({ unit: "binary", maxLength: 6 }),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
			const text = pieces.join("");
			try {
				const { people } = await read(text);
				assert.ok(people.length <= text.split(/BEGIN:VCARD/i).length - 1);
				for (const { name, numbers } of people) assert.ok([...name].length <= 64 && numbers.length <= 20);
			} catch (error) {
				assert.ok(error instanceof VcardError, String(error));
			}
		}),
		{ numRuns: rounds(100) },
	);
});

test("numbers are read as the person's own country writes them", () => {
	assert.equal(regionOf("+15550100001"), "US");
	assert.equal(regionOf("+4915123456789"), "DE");
	assert.equal(readWrittenNumber("0151 23456789", "DE"), "+4915123456789");
	assert.equal(readWrittenNumber("0044 20 7946 0000", "DE"), "+442079460000");
	assert.equal(readWrittenNumber("tel:+1-555-010-0001;ext=7", "DE"), "+15550100001");
	assert.equal(readWrittenNumber("(555) 010-0001", "US"), "+15550100001");
	for (const none of ["", "112", "hello", "+", "0151 23456789", `+1${"5".repeat(80)}`])
		assert.equal(readWrittenNumber(none, undefined), undefined, none);
});
