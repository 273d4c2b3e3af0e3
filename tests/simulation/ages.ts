/**
 * Ends of a link that are not of the same age (promise 13). `older`: one of them knows the contract only as it stood in
 * `older-contract.binpb`; fields and frames that came later are neither said nor heard, methods are not there. `newer`:
 * one of them says more than the other knows: fields of numbers nobody has, and frames of a kind nobody has heard of,
 * these from nodes only: what a server knows, a device is told first.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createFileRegistry, type DescMessage, fromBinary, toBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import type { Dice } from "./dice.ts";

export const AGES = { equal: 6, older: 2, newer: 2 } as const;
export type Age = keyof typeof AGES;

const OLDER = createFileRegistry(
	fromBinary(FileDescriptorSetSchema, readFileSync(join(import.meta.dirname, "older-contract.binpb"))),
);
const OLDER_FRAME = OLDER.getMessage("troth.v1.Frame");
if (OLDER_FRAME === undefined) throw new Error("the older contract has no frames");

const LENGTH_DELIMITED = 2;
/** First byte of the frame Attached. */
const ATTACHED = 0x72;

/** A frame as it gets through to the other end: itself, or nothing where only one end knows it, or more than that. */
export function framesAcross(age: Age, bytes: Uint8Array, to: "node" | "device", dice: Dice): readonly Uint8Array[] {
	if (age === "equal") return [bytes];
	if (age === "older") {
		const known = asOlder(OLDER_FRAME as DescMessage, bytes);
		return known.length === 0 ? [] : [known];
	}
	const more = withMore(bytes, dice);
	if (to === "node") return [more];
	const beside = dice.chance(0.2) ? joined(more, strangeField(dice)) : more;
	return bytes[0] === ATTACHED || dice.chance(0.1) ? [beside, strangeField(dice, LENGTH_DELIMITED)] : [beside];
}

/** A request's message or its answer's as it gets through; undefined where one end does not know the method. */
export function messageAcross(
	age: Age,
	path: string,
	bytes: Uint8Array,
	what: "input" | "output",
	dice: Dice,
): Uint8Array | undefined {
	if (age === "equal") return bytes;
	if (age === "newer") return joined(bytes, strangeField(dice));
	const [service = "", name = ""] = path.split("/").slice(-2);
	const method = OLDER.getService(service)?.methods.find((one) => one.name === name);
	return method && asOlder(method[what], bytes);
}

function asOlder(schema: DescMessage, bytes: Uint8Array): Uint8Array {
	return toBinary(schema, fromBinary(schema, bytes, { readUnknownFields: false }));
}

/** A field more within what the frame holds: one end's version says it each time. */
function withMore(frame: Uint8Array, dice: Dice): Uint8Array {
	const tag = varintAt(frame, 0);
	const length = varintAt(frame, tag.end);
	const held = joined(frame.subarray(length.end), strangeField(dice));
	return joined(frame.subarray(0, tag.end), varint(held.length), held);
}

/** A field of a number that the contract does not have, of any wire type. */
function strangeField(dice: Dice, type: number = dice.pick([0, 1, LENGTH_DELIMITED, 5]) ?? 0): Uint8Array {
	const tag = varint(dice.between(500, 5000) * 8 + type);
	const fill = (length: number) => {
		const bytes = new Uint8Array(length);
		dice.fill(bytes);
		return bytes;
	};
	if (type === 0) return joined(tag, varint(dice.below(2 ** 28)));
	if (type === 1) return joined(tag, fill(8));
	if (type === 5) return joined(tag, fill(4));
	const length = dice.below(20);
	return joined(tag, varint(length), fill(length));
}

function varint(value: number): Uint8Array {
	const bytes: number[] = [];
	for (let rest = value; ; rest >>>= 7) {
		if (rest < 0x80) return Uint8Array.from([...bytes, rest]);
		bytes.push((rest & 0x7f) | 0x80);
	}
}

function varintAt(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
	let value = 0;
	for (let at = start, shift = 0; ; at++, shift += 7) {
		const byte = bytes[at] ?? 0;
		value |= (byte & 0x7f) << shift;
		if (byte < 0x80) return { value, end: at + 1 };
	}
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
	return Uint8Array.from(Buffer.concat(parts));
}
