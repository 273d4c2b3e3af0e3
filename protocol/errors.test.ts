import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { fromErrorDetail, isRefusal, Refusal, toErrorDetail } from "./errors.ts";
import { ErrorCode, ErrorDetailSchema } from "./gen/troth/v1/error_pb.ts";
import type { ConversationId, DeviceId } from "./ids.ts";

test("a refusal arrives at the client with its code and every field", () => {
	const sent = new Refusal("COMMIT_REQUIRED", "members wait to be removed", {
		epoch: 7,
		expectedClientSeq: 3,
		retryAtMs: 1_700_000_000_000,
		limitBytes: 10,
		attemptsLeft: 2,
		conversation: "00".repeat(16) as ConversationId,
		removeDevices: ["ab".repeat(16) as DeviceId],
	});
	const got = fromErrorDetail(fromBinary(ErrorDetailSchema, toBinary(ErrorDetailSchema, toErrorDetail(sent))));
	assert.equal(got.code, sent.code);
	assert.equal(got.message, sent.message);
	assert.deepEqual(got.fields, sent.fields);
	assert.ok(isRefusal(got, "COMMIT_REQUIRED", "BLOCKED"));
	assert.ok(!isRefusal(got, "BLOCKED"));
});

test("every code of the schema has its way through a refusal", () => {
	for (const [name, code] of Object.entries(ErrorCode)) {
		if (code === ErrorCode.UNSPECIFIED) continue;
		assert.equal(fromErrorDetail(create(ErrorDetailSchema, { code })).code, name);
	}
});

test("a code from a newer server is taken as INTERNAL, not as success", () => {
	assert.equal(fromErrorDetail(fromBinary(ErrorDetailSchema, Uint8Array.of(0x08, 0x8f, 0x4e))).code, "INTERNAL");
});
