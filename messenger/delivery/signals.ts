/** Typing, recording, ringing: shown by whoever is there now, or dropped. Never stored, and never more than a few a second. */
import { idBytes, type LogId } from "@troth/protocol";
import type { Session } from "../context.ts";
import type { LogOwners } from "./log-owners.ts";
import { isWithheld } from "./registers.ts";
import { frameMessage } from "./wire.ts";

/** Registers and signals of one stream together. */
const SIGNALS_PER_SECOND = 10;
const SIGNALS_AT_ONCE = 50;

export interface Metered {
	signalTokens: number;
	signalTokensMs: number;
}

export class Signals {
	readonly #owners: LogOwners;

	constructor(owners: LogOwners) {
		this.#owners = owners;
	}

	/** Takes a token of the stream's bucket. What is over the limit is dropped without a word: all of it may be lost. */
	allows(stream: Metered, nowMs: number): boolean {
		const earned = ((nowMs - stream.signalTokensMs) / 1000) * SIGNALS_PER_SECOND;
		stream.signalTokens = Math.min(SIGNALS_AT_ONCE, stream.signalTokens + earned);
		stream.signalTokensMs = nowMs;
		if (stream.signalTokens < 1) return false;
		stream.signalTokens--;
		return true;
	}

	/** Hands a signal to the other attached members. */
	async pass(log: LogId, { account, device }: Session, sealed: Uint8Array<ArrayBuffer>): Promise<void> {
		const owner = this.#owners.peek(log) ?? (await this.#owners.open(log));
		if (owner?.group === undefined || owner.members.live(device) === undefined) return;
		let message: Buffer | undefined;
		for (const [member, reader] of owner.readers(device)) {
			if (isWithheld(member, account)) continue;
			message ??= frameMessage({
				case: "ephemeral",
				value: { log: owner.logBytes, deviceId: idBytes(device), sealed },
			});
			reader.mention(message);
		}
	}
}
