import assert from "node:assert/strict";
import { test } from "node:test";
import { type DescMessage, fromBinary, ScalarType, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { rounds } from "./_rounds.ts";
import * as contract from "./index.ts";

const messages = Object.values(contract as Readonly<Record<string, unknown>>).filter(isMessage);

function isMessage(value: unknown): value is DescMessage {
	return typeof value === "object" && value !== null && "kind" in value && value.kind === "message";
}

test("the contract has its messages", () => assert.ok(messages.length > 60, `${messages.length} messages`));

test("random bytes never crash a decoder of the contract, and what decodes encodes to the same meaning", () => {
	fc.assert(
		fc.property(fc.constantFrom(...messages), fc.uint8Array({ maxLength: 300 }), (schema, bytes) => {
			let decoded: ReturnType<typeof fromBinary>;
			try {
				decoded = fromBinary(schema, bytes);
			} catch (error) {
				assert.ok(error instanceof Error);
				return;
			}
			const again = fromBinary(schema, toBinary(schema, decoded));
			assert.deepEqual(toBinary(schema, again), toBinary(schema, decoded));
		}),
		{ numRuns: rounds(2000) },
	);
});

test("times are 64 bit and positions 32 bit, by the field's name, in every message", () => {
	for (const message of messages) {
		for (const field of message.fields) {
			if (field.fieldKind !== "scalar") continue;
			if (/(_at|_time|time|expires)_ms$/.test(field.name))
				assert.equal(field.scalar, ScalarType.INT64, `${message.name}.${field.name}`);
			// An app's version is a text that people read ("0.1.0"), not a position.
			if (/(^|_)(seq|epoch|(?<!app_)version|generation)$/.test(field.name))
				assert.equal(field.scalar, ScalarType.UINT32, `${message.name}.${field.name}`);
		}
	}
});

test("a purpose has only fields of the catalogue, and no purpose after a refusal knows the number", () => {
	const rows: [string, contract.CatalogueRow][] = Object.entries(contract.CATALOGUE);
	for (const [purpose, row] of rows) {
		for (const field of row.fields) assert.ok(contract.FIELDS.includes(field), `${purpose} ${field}`);
		const residual = row.bases.every((basis) => basis === "legitimate_interest" || basis === "legal_duty");
		if (residual) assert.ok(!row.fields.includes("phone_number"), purpose);
	}
});
