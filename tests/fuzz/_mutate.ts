/**
 * Damages real samples the way their form makes dangerous: protobuf field by field, JSON value by value, text by its
 * tokens, everything else byte by byte. The same seed makes the same damage.
 */

/** The next number of a sequence, from 0 up to but not 1. */
export type Random = () => number;

/** How a decoder's input is built, which says what damage is worth trying. */
export type Form = "bytes" | "protobuf" | "text" | "json";

/** Mulberry32: small, and good enough to choose where to hit. */
export function seeded(seed: number): Random {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

const below = (random: Random, limit: number) => Math.floor(random() * Math.max(1, limit));
const pick = <T>(random: Random, from: readonly [T, ...T[]]): T => from[below(random, from.length)] ?? from[0];

/** One to four hits on a sample; `others` lend parts of theirs. */
export function mutate(form: Form, sample: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
	let input: Uint8Array = Uint8Array.from(sample);
	for (let hits = 1 + below(random, 4); hits > 0; hits--) {
		// Whatever the form is, bytes that are no longer of it have to be refused as well.
		const hit = random() < 0.25 ? "bytes" : form;
		if (hit === "protobuf") input = hitProtobuf(input, random);
		else if (hit === "json") input = hitJson(input, random);
		else if (hit === "text") input = hitText(input, random);
		else input = hitBytes(input, others, random);
	}
	return input.length > LONGEST ? input.slice(0, LONGEST) : input;
}

/** Longer inputs are bounded before any decoder sees them. */
const LONGEST = 1 << 20;
const ODD_BYTES = [0x00, 0x01, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff] as const;

function hitBytes(input: Uint8Array, others: readonly Uint8Array[], random: Random): Uint8Array {
	const at = below(random, input.length);
	const length = 1 + below(random, 8);
	switch (below(random, 7)) {
		case 0:
			return input.slice(0, at);
		case 1:
			return with_(input, at, (input[at] ?? 0) ^ (1 << below(random, 8)));
		case 2:
			return with_(input, at, pick(random, ODD_BYTES));
		case 3:
			return splice(input, at, length, new Uint8Array());
		case 4:
			return splice(
				input,
				at,
				0,
				Uint8Array.from({ length }, () => below(random, 256)),
			);
		case 5: {
			const other = others[below(random, others.length)] ?? input;
			const from = below(random, other.length);
			return splice(input, at, length, other.slice(from, from + 1 + below(random, 64)));
		}
		default: {
			const part = input.slice(at, at + 1 + below(random, 32));
			const times = 1 + below(random, 200);
			const repeated = new Uint8Array(part.length * times);
			for (let i = 0; i < times; i++) repeated.set(part, i * part.length);
			return splice(input, at, 0, repeated);
		}
	}
}

function with_(input: Uint8Array, at: number, value: number): Uint8Array {
	const copy = Uint8Array.from(input);
	if (at < copy.length) copy[at] = value;
	return copy;
}

function splice(input: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
	const rest = input.subarray(Math.min(input.length, at + removed));
	const made = new Uint8Array(at + inserted.length + rest.length);
	made.set(input.subarray(0, at));
	made.set(inserted, at);
	made.set(rest, at + inserted.length);
	return made;
}

// ── Protobuf ──────────────────────────────────────────────────────────────────────────────────────────────────────

interface Field {
	readonly number: number;
	readonly wireType: number;
	/** What follows the tag: of a length-delimited field only the content. */
	readonly value: Uint8Array;
}

const LENGTH_DELIMITED = 2;
const NUMBERS = [
	0n,
	1n,
	127n,
	128n,
	2n ** 31n - 1n,
	2n ** 31n,
	2n ** 32n - 1n,
	2n ** 32n,
	2n ** 63n,
	2n ** 64n - 1n,
] as const;

/** The fields of a message; undefined where the bytes are none. */
function fieldsOf(bytes: Uint8Array): Field[] | undefined {
	const fields: Field[] = [];
	for (let at = 0; at < bytes.length; ) {
		const tag = varintAt(bytes, at);
		if (tag === undefined || tag.value > 0xffff_ffffn || tag.value < 8n) return undefined;
		const wireType = Number(tag.value & 7n);
		const length = lengthOf(bytes, tag.end, wireType);
		if (length === undefined) return undefined;
		const end = length.start + length.bytes;
		if (end > bytes.length) return undefined;
		fields.push({ number: Number(tag.value >> 3n), wireType, value: bytes.slice(length.start, end) });
		at = end;
	}
	return fields;
}

function lengthOf(bytes: Uint8Array, at: number, wireType: number) {
	if (wireType === 1) return { start: at, bytes: 8 };
	if (wireType === 5) return { start: at, bytes: 4 };
	const number = varintAt(bytes, at);
	if (number === undefined) return undefined;
	if (wireType === 0) return { start: at, bytes: number.end - at };
	if (wireType === LENGTH_DELIMITED) return { start: number.end, bytes: Number(number.value) };
	return undefined;
}

function varintAt(bytes: Uint8Array, from: number): { readonly value: bigint; readonly end: number } | undefined {
	let value = 0n;
	for (let at = from; at < Math.min(bytes.length, from + 10); at++) {
		value |= BigInt((bytes[at] ?? 0) & 0x7f) << BigInt(7 * (at - from));
		if ((bytes[at] ?? 0) < 0x80) return { value, end: at + 1 };
	}
	return undefined;
}

function varint(value: bigint): number[] {
	const bytes: number[] = [];
	for (let rest = value; ; rest >>= 7n) {
		if (rest < 0x80n) return [...bytes, Number(rest)];
		bytes.push(Number(rest & 0x7fn) | 0x80);
	}
}

function join(fields: readonly Field[]): Uint8Array {
	const parts = fields.flatMap(({ number, wireType, value }) => [
		Uint8Array.from(varint((BigInt(number) << 3n) | BigInt(wireType))),
		...(wireType === LENGTH_DELIMITED ? [Uint8Array.from(varint(BigInt(value.length)))] : []),
		value,
	]);
	const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}

function hitProtobuf(input: Uint8Array, random: Random, depth = 0): Uint8Array {
	const fields = fieldsOf(input);
	if (fields === undefined || fields.length === 0) return hitBytes(input, [], random);
	const at = below(random, fields.length);
	const field = fields[at];
	if (field === undefined) return input;
	const replace = (...others: readonly Field[]) => join([...fields.slice(0, at), ...others, ...fields.slice(at + 1)]);
	switch (below(random, 7)) {
		case 0:
			return replace();
		case 1:
			return replace(field, field);
		case 2:
			return replace({ ...field, number: pick(random, [field.number + 1, 1, 15, 16, 536_870_911]) });
		case 3:
			return replace({ ...field, wireType: pick(random, [0, 1, 2, 3, 4, 5, 6]) });
		case 4:
			return replace(...Array.from({ length: 2 + below(random, 60) }, () => field));
		default:
			if (field.wireType === 0) return replace({ ...field, value: Uint8Array.from(varint(pick(random, NUMBERS))) });
			// What lies inside may be a message itself.
			return replace({
				...field,
				value: depth < 4 ? hitProtobuf(field.value, random, depth + 1) : hitBytes(field.value, [], random),
			});
	}
}

// ── JSON and text ─────────────────────────────────────────────────────────────────────────────────────────────────

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const ODD_VALUES: readonly [unknown, ...unknown[]] = [
	null,
	true,
	0,
	-1,
	1e308,
	2 ** 53,
	"",
	"\u0000",
	"x".repeat(5000),
	"__proto__",
	"constructor",
	[],
	{},
	[[[[[[[[]]]]]]]],
	{ toString: 1, length: -1 },
	"\ud800",
];

function hitJson(input: Uint8Array, random: Random): Uint8Array {
	try {
		return encoder.encode(JSON.stringify(hitValue(JSON.parse(decoder.decode(input)), random)));
	} catch {
		return hitText(input, random);
	}
}

function hitValue(value: unknown, random: Random): unknown {
	if (typeof value !== "object" || value === null || random() < 0.1) return pick(random, ODD_VALUES);
	if (Array.isArray(value)) {
		const items: unknown[] = [...value];
		const at = below(random, items.length);
		const change = below(random, 4);
		if (change === 0) items.splice(at, 1);
		else if (change === 1) items.push(...Array.from({ length: 300 }, () => items[at]));
		else if (items.length > 0) items[at] = hitValue(items[at], random);
		return items;
	}
	const entries = Object.entries(value);
	const at = below(random, entries.length);
	const entry = entries[at];
	if (entry === undefined) return { [String(pick(random, ODD_VALUES))]: pick(random, ODD_VALUES) };
	const change = below(random, 6);
	if (change === 0) entries.splice(at, 1);
	else if (change === 1)
		entries.push([pick(random, ["__proto__", "constructor", "", entry[0].toUpperCase()]), entry[1]]);
	else entries[at] = [entry[0], hitValue(entry[1], random)];
	return Object.fromEntries(entries);
}

const TOKENS = [
	"",
	" ",
	"\n",
	"\n\n",
	"\t",
	"\u0000",
	"-1",
	"0",
	"00",
	"1e9",
	"99999999999999999999",
	"%",
	"%00",
	"%zz",
	"&",
	"=",
	"#",
	"/",
	"..",
	"+",
	"\\",
	'"',
	"[",
	"{",
	"é",
	"\u202e",
	"💬",
	"－",
	"--",
	"__proto__",
	"=".repeat(300),
	"[".repeat(3000),
] as const;

function hitText(input: Uint8Array, random: Random): Uint8Array {
	const tokens = decoder.decode(input).split(/(\W)/);
	const at = below(random, tokens.length);
	switch (below(random, 5)) {
		case 0:
			tokens.splice(at, 1 + below(random, 3));
			break;
		case 1:
			tokens.splice(at, 0, pick(random, TOKENS));
			break;
		case 2:
			tokens[at] = pick(random, TOKENS);
			break;
		case 3:
			tokens.splice(at, 0, ...tokens.slice(below(random, tokens.length)));
			break;
		default:
			tokens[at] = (tokens[at] ?? "").repeat(below(random, 50));
	}
	return encoder.encode(tokens.join(""));
}
