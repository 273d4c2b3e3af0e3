/**
 * Proofs that a number is one's own: a code of six digits is sent to it and comes back. A number that is only claimed
 * exists in memory until then and is never written: who claims another's number gets nothing, leaves nothing, and stands
 * in nobody's way (C3).
 */
import { randomInt, timingSafeEqual } from "node:crypto";
import type { Clock, PhoneNumber } from "@troth/protocol";
import type { CodeSender } from "../codes/port.ts";
import type { Events } from "../events.ts";
import { Problem } from "../http/problem.ts";
import type { Tags } from "../keys.ts";

const CODE_MS = 10 * 60 * 1000;
const GUESSES = 5;
/** Codes within an hour: to one number whoever asks, and for one account whichever numbers it names. */
const CODES_PER_NUMBER = 5;
const CODES_PER_CLAIM = 10;
const CODES_MS = 60 * 60 * 1000;
/** Claims and numbers kept in mind; the oldest go first. */
const MOST = 10_000;

interface Claim {
	readonly phone: PhoneNumber;
	readonly codeTag: Uint8Array;
	readonly expiresAtMs: number;
	guesses: number;
}

export class NumberProofs {
	readonly #clock: Clock;
	readonly #codes: CodeSender;
	readonly #tags: Tags;
	readonly #events: Events;
	readonly #claims = new Map<string, Claim>();
	/** By number and by claim: when codes went out. */
	readonly #sent = new Map<string, readonly number[]>();

	constructor(clock: Clock, codes: CodeSender, tags: Tags, events: Events) {
		this.#clock = clock;
		this.#codes = codes;
		this.#tags = tags;
		this.#events = events;
	}

	/**
	 * Sends a code to the number; `claim` is whose claim this is, and has only one at a time. Throws Problem
	 * TOO_MANY_TRIES (retryAtMs). Rejects where the code could not be sent.
	 */
	async begin(claim: string, phone: PhoneNumber): Promise<{ readonly expiresAtMs: number }> {
		this.#countCode(claim, CODES_PER_CLAIM);
		this.#countCode(phone, CODES_PER_NUMBER);
		const code = randomInt(10 ** 6)
			.toString()
			.padStart(6, "0");
		const expiresAtMs = this.#clock.now() + CODE_MS;
		this.#claims.delete(claim);
		this.#claims.set(claim, { phone, codeTag: this.#tagOf(claim, code), expiresAtMs, guesses: 0 });
		forgetOldest(this.#claims);
		await this.#codes.send(phone, code);
		return { expiresAtMs };
	}

	/** Last two digits of the number that waits for its code. */
	waiting(claim: string): string | undefined {
		const open = this.#claims.get(claim);
		return open !== undefined && open.expiresAtMs > this.#clock.now() ? open.phone.slice(-2) : undefined;
	}

	/** The number that is proved; the claim is used up. Throws Problem CODE_WRONG, CODE_EXPIRED, TOO_MANY_TRIES. */
	finish(claim: string, code: string): PhoneNumber {
		const open = this.#claims.get(claim);
		if (open === undefined || open.expiresAtMs <= this.#clock.now()) {
			this.#claims.delete(claim);
			this.#events.codeChecked("expired");
			throw new Problem("CODE_EXPIRED", "That code is too old. Please ask for a new one.");
		}
		if (open.guesses >= GUESSES) {
			this.#events.codeChecked("locked");
			throw new Problem("TOO_MANY_TRIES", "Too many wrong codes. Please ask for a new one.");
		}
		open.guesses++;
		if (!timingSafeEqual(open.codeTag, this.#tagOf(claim, code.replaceAll(/\s/g, "")))) {
			this.#events.codeChecked("wrong");
			throw new Problem("CODE_WRONG", "We sent another code than that.");
		}
		this.#claims.delete(claim);
		this.#events.codeChecked("right");
		return open.phone;
	}

	/** Drops a claim. */
	forget(claim: string): void {
		this.#claims.delete(claim);
	}

	#countCode(whose: string, most: number): void {
		const now = this.#clock.now();
		const recent = (this.#sent.get(whose) ?? []).filter((at) => at > now - CODES_MS);
		const [oldest] = recent;
		if (oldest !== undefined && recent.length >= most)
			throw new Problem("TOO_MANY_TRIES", "Too many codes were sent. Please wait an hour.", {
				retryAtMs: oldest + CODES_MS,
			});
		this.#sent.delete(whose);
		this.#sent.set(whose, [...recent, now]);
		forgetOldest(this.#sent);
	}

	#tagOf(claim: string, code: string): Uint8Array {
		return this.#tags.code(`${claim}\0${code}`);
	}
}

function forgetOldest(map: Map<string, unknown>): void {
	const [oldest] = map.keys();
	if (map.size > MOST && oldest !== undefined) map.delete(oldest);
}
