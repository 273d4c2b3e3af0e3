/**
 * The first frame of every stream: what its login has to sign. Thousands of devices come at once after a restart, so
 * the bytes are drawn for many streams together, and the frame is encoded once.
 */
import { randomFillSync } from "node:crypto";
import { frameMessage } from "./wire.ts";

const CHALLENGE_BYTES = 32;
/** Challenges that one call of the system's generator gives: a call costs as much as some hundred of them. */
const DRAWN_TOGETHER = 128;

const drawn = Buffer.alloc(DRAWN_TOGETHER * CHALLENGE_BYTES);
let used = drawn.length;

/** 32 random bytes that nobody was given before. */
export function newChallenge(): Uint8Array<ArrayBuffer> {
	if (used === drawn.length) {
		randomFillSync(drawn);
		used = 0;
	}
	const challenge = new Uint8Array(CHALLENGE_BYTES);
	challenge.set(drawn.subarray(used, used + CHALLENGE_BYTES));
	// What was given is nowhere else in memory.
	drawn.fill(0, used, used + CHALLENGE_BYTES);
	used += CHALLENGE_BYTES;
	return challenge;
}

/** Its last field, and so its last bytes, are the challenge. */
const FRAME = frameMessage({ case: "challenge", value: { challenge: new Uint8Array(CHALLENGE_BYTES) } });

/** The whole WebSocket message that gives a challenge to a device. */
export function challengeMessage(challenge: Uint8Array): Buffer {
	const message = Buffer.from(FRAME);
	message.set(challenge, message.length - CHALLENGE_BYTES);
	return message;
}
