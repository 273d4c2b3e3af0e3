/** Whatever a method is sent: a typed refusal or an answer, never an internal error, never a word about our insides. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	create,
	type DescField,
	type DescMessage,
	fromBinary,
	type MessageShape,
	ScalarType,
	toBinary,
} from "@bufbuild/protobuf";
import { reflect } from "@bufbuild/protobuf/reflect";
import { base64Decode, base64Encode } from "@bufbuild/protobuf/wire";
import * as contract from "@troth/protocol";
import { ErrorCode, ErrorDetailSchema } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { METHODS } from "./methods.ts";

/** What the bridge and the companies serve. */
const ELSEWHERE = ["troth.v1.BridgeService", "troth.v1.IntakeService"];

test("every method of the contract that is the messenger's is in the table, once", () => {
	const services = Object.values(contract).filter(
		(value): value is typeof contract.KeyService =>
			typeof value === "object" && value !== null && "kind" in value && value.kind === "service",
	);
	const ours = services.filter(({ typeName }) => !ELSEWHERE.includes(typeName));
	assert.equal(ours.length, services.length - ELSEWHERE.length);
	const declared = ours.flatMap(({ methods }) => methods.map((method) => `${method.parent.typeName}/${method.name}`));
	const served = METHODS.map(({ method }) => `${method.parent.typeName}/${method.name}`);
	assert.ok(declared.length > 20);
	assert.deepEqual([...served].sort(), [...declared].sort());
});

const bytes = fc.oneof(
	fc.uint8Array({ maxLength: 64 }),
	fc.constantFrom(new Uint8Array(16), new Uint8Array(32), new Uint8Array(64)),
);

/** Any value of a message: its fields have the right types and anything in them. */
function arbitraryMessage(schema: DescMessage, depth = 0): fc.Arbitrary<MessageShape<DescMessage>> {
	const fields = schema.fields.map((field) => arbitraryField(field, depth));
	return fc.tuple(...fields).map((values) => {
		const message = reflect(schema, create(schema));
		schema.fields.forEach((field, index) => {
			const value = values[index];
			if (value === undefined) return;
			if (field.fieldKind === "list") for (const item of value as unknown[]) message.get(field).add(item as never);
			else message.set(field, value as never);
		});
		return message.message;
	});
}

function arbitraryField(field: DescField, depth: number): fc.Arbitrary<unknown> {
	if (field.fieldKind === "list") {
		const item =
			field.listKind === "message" ? messageItem(field.message, depth) : scalar(field.scalar ?? ScalarType.BYTES);
		return fc.array(item, { maxLength: 4 });
	}
	if (field.fieldKind === "message") return fc.option(messageItem(field.message, depth), { nil: undefined });
	if (field.fieldKind === "enum") return fc.integer({ min: 0, max: 9 });
	return scalar(field.fieldKind === "scalar" ? field.scalar : ScalarType.BYTES);
}

function messageItem(schema: DescMessage, depth: number): fc.Arbitrary<unknown> {
	if (depth > 3) return fc.constant(reflect(schema, create(schema)));
	return arbitraryMessage(schema, depth + 1).map((message) => reflect(schema, message));
}

function scalar(type: ScalarType): fc.Arbitrary<unknown> {
	switch (type) {
		case ScalarType.STRING:
			return fc.oneof(fc.string({ unit: "grapheme" }), fc.stringMatching(/^\+1555010\d{0,5}$/));
		case ScalarType.BYTES:
			return bytes;
		case ScalarType.BOOL:
			return fc.boolean();
		case ScalarType.UINT32:
			return fc.oneof(fc.nat(5), fc.nat());
		case ScalarType.INT64:
			return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
		default:
			throw new TypeError(`no arbitrary for scalar ${type}`);
	}
}

const call = fc.constantFrom(...METHODS).chain(({ method }) =>
	fc.record({
		path: fc.constant(`/${method.parent.typeName}/${method.name}`),
		body: fc.oneof(
			{ weight: 3, arbitrary: arbitraryMessage(method.input).map((message) => toBinary(method.input, message)) },
			{ weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }) },
		),
		type: fc.oneof(
			{ weight: 6, arbitrary: fc.constant("application/proto") },
			{ weight: 1, arbitrary: fc.constant("application/json") },
		),
		authorized: fc.boolean(),
	}),
);

/** Codes with which a healthy server answers nonsense. */
const NEVER: readonly number[] = [ErrorCode.INTERNAL, ErrorCode.UNAVAILABLE, ErrorCode.UNSPECIFIED];
/** What this server was not given, and says so to everybody. */
const NOT_HERE: readonly string[] = ["/troth.v1.PushService/SubscribePush"];

/** No method waits for something to happen; one that never answers is told by its name. */
const ANSWER_WITHIN_MS = 60_000;

type Call = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

async function answerOf(messenger: TestMessenger, token: string, { path, body, type, authorized }: Call) {
	const response = await fetch(messenger.url + path, {
		method: "POST",
		body,
		headers: { "content-type": type, ...(authorized && { authorization: `Bearer ${token}` }) },
		signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
	}).catch((error: unknown) => assert.fail(`${path} with ${base64Encode(body)}: no answer: ${error}`));
	return { status: response.status, text: await response.text() };
}

test("nonsense is refused by name on every path, with and without a session", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const token = await alice.login();
	let refused = 0;
	await fc.assert(
		fc.asyncProperty(call, async (request) => {
			const { status, text } = await answerOf(messenger, token, request);
			if (status === 200) return;
			refused++;
			const { details } = JSON.parse(text) as { details: { value: string }[] };
			const detail = fromBinary(ErrorDetailSchema, base64Decode(details[0]?.value ?? ""));
			const absent = detail.code === ErrorCode.UNAVAILABLE && NOT_HERE.includes(request.path);
			assert.ok(absent || !NEVER.includes(detail.code), `${request.path}: code ${detail.code} ${messenger.log.at(-1)}`);
			assert.doesNotMatch(text, /\bat .*:\d+:\d+|node_modules|\.ts\b|SQLITE|select |insert /i);
		}),
		// A shorter example would cost a request for each try.
		{ numRuns: rounds(600), endOnFailure: true },
	);
	assert.ok(refused > rounds(600) / 4, `${refused} were refused`);
	assert.deepEqual(
		messenger.log.filter((line) => line.includes('"failed"')),
		[],
	);
});
