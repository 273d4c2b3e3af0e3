/**
 * The first frame of every stream: what its login has to sign. Thousands of devices come at once after a restart, so
 * the bytes are drawn for many streams together, and the frame is encoded once.
 */
import { randomFillSync } from "node:crypto";
import { frameMessage } from "./wire.ts";

const CHALLENGE_BYTES = 32;
/** Challenges that one call of the system's generator gives: a call costs as much as some hundred of them. */
const DRAWN_TOGETHER = 128;

export class ChallengeSource {
	readonly #drawn = Buffer.alloc(DRAWN_TOGETHER * CHALLENGE_BYTES);
	#used = this.#drawn.length;

	/** 32 random bytes that nobody was given before. */
	next(): Uint8Array<ArrayBuffer> {
		const drawn = this.#drawn;
		if (this.#used === drawn.length) {
			randomFillSync(drawn);
			this.#used = 0;
		}
		const end = this.#used + CHALLENGE_BYTES;
		const challenge = new Uint8Array(CHALLENGE_BYTES);
		challenge.set(drawn.subarray(this.#used, end));
		// What was given is nowhere else in memory.
		drawn.fill(0, this.#used, end);
		this.#used = end;
		return challenge;
	}
}

/** Its last field, and so its last bytes, are the challenge. */
const FRAME = frameMessage({ case: "challenge", value: { challenge: new Uint8Array(CHALLENGE_BYTES) } });

/** The whole WebSocket message that gives a challenge to a device. */
export function challengeMessage(challenge: Uint8Array): Buffer {
	const message = Buffer.from(FRAME);
	message.set(challenge, message.length - CHALLENGE_BYTES);
	return message;
}
