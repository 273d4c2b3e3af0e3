import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { FrameSchema, toHex } from "@troth/protocol";
import { ChallengeSource, challengeMessage } from "./challenge.ts";
import { frameMessage } from "./wire.ts";

test("no challenge is given twice, and none changes when others are given", () => {
	const source = new ChallengeSource();
	const given = Array.from({ length: 1000 }, () => source.next());
	assert.equal(new Set(given.map(toHex)).size, given.length);
	assert.ok(given.every((challenge) => challenge.length === 32 && challenge.some((byte) => byte !== 0)));
});

test("the message of a challenge is the one the schema makes", () => {
	const source = new ChallengeSource();
	for (const challenge of [source.next(), source.next()]) {
		const message = challengeMessage(challenge);
		assert.deepEqual(message, frameMessage({ case: "challenge", value: { challenge } }));
		const { body } = fromBinary(FrameSchema, message.subarray(2));
		assert.ok(body.case === "challenge");
		assert.equal(toHex(body.value.challenge), toHex(challenge));
	}
});
