/**
 * Where a new device and one of the account meet: sealed letters under an id that only the two can derive. In memory
 * only: nothing of it survives ten minutes or a restart, and a link that was interrupted is begun anew.
 */
import { type Clock, LIMITS, type MailboxPlace, Refusal, type Timer } from "@troth/protocol";
import { TokenBuckets } from "../rate-limits/token-buckets.ts";
import { networkOf } from "../registration/code-limits.ts";

const HOUR_MS = 60 * 60 * 1000;
/** Of all letters together. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Questions that wait for one letter: the device that asks, and its question of before a broken connection. */
const MOST_WAITING = 4;

interface Mailbox {
	readonly letters: Map<MailboxPlace, Uint8Array>;
	readonly waiting: Set<{ readonly place: MailboxPlace; readonly answer: (letter: Uint8Array | undefined) => void }>;
	readonly expiresAtMs: number;
	readonly end: Timer;
}

export class Mailboxes implements Disposable {
	readonly #clock: Clock;
	readonly #mailboxes = new Map<string, Mailbox>();
	readonly #opened: TokenBuckets;
	#bytes = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
		this.#opened = new TokenBuckets(clock, { capacity: LIMITS.mailboxesPerAddressPerHour, refillMs: HOUR_MS });
	}

	/**
	 * Opens a mailbox with its first letter and gives its end. Refuses with FORBIDDEN where it exists with another one,
	 * RATE_LIMITED, UNAVAILABLE.
	 *
	 * @param address of the caller, as text
	 */
	open(id: string, place: MailboxPlace, letter: Uint8Array, address: string): number {
		const known = this.#mailboxes.get(id);
		if (known !== undefined) {
			this.#store(known, place, letter);
			return known.expiresAtMs;
		}
		this.#opened.spend(networkOf(address));
		const expiresAtMs = this.#clock.now() + LIMITS.mailboxMs;
		const end = this.#clock.after(LIMITS.mailboxMs, () => this.close(id));
		const mailbox: Mailbox = { letters: new Map(), waiting: new Set(), expiresAtMs, end };
		this.#mailboxes.set(id, mailbox);
		try {
			this.#store(mailbox, place, letter);
		} catch (error) {
			this.close(id);
			throw error;
		}
		return expiresAtMs;
	}

	/** Refuses with NOT_FOUND, FORBIDDEN where another letter lies there, UNAVAILABLE. */
	put(id: string, place: MailboxPlace, letter: Uint8Array): void {
		this.#store(this.#require(id), place, letter);
	}

	#store({ letters, waiting }: Mailbox, place: MailboxPlace, letter: Uint8Array): void {
		const there = letters.get(place);
		if (there !== undefined && Buffer.compare(there, letter) === 0) return;
		if (there !== undefined) throw new Refusal("FORBIDDEN", "another letter lies there");
		if (this.#bytes + letter.length > MOST_BYTES) throw new Refusal("UNAVAILABLE", "the mailboxes are full");
		letters.set(place, letter);
		this.#bytes += letter.length;
		for (const one of [...waiting]) if (one.place === place) one.answer(letter);
	}

	/** The letter, as soon as it is there; undefined where it does not come in time. Refuses with NOT_FOUND. */
	take(id: string, place: MailboxPlace, waitMs: number): Promise<Uint8Array | undefined> {
		const { letters, waiting } = this.#require(id);
		const there = letters.get(place);
		if (there !== undefined || waitMs === 0) return Promise.resolve(there);
		if (waiting.size >= MOST_WAITING) for (const one of [...waiting].slice(0, 1)) one.answer(undefined);
		return new Promise((resolve) => {
			const timer = this.#clock.after(waitMs, () => one.answer(undefined));
			const one = {
				place,
				answer(letter: Uint8Array | undefined) {
					timer.cancel();
					waiting.delete(one);
					resolve(letter);
				},
			};
			waiting.add(one);
		});
	}

	/** Forgets it. Nothing happens where there is none. */
	close(id: string): void {
		const mailbox = this.#mailboxes.get(id);
		if (mailbox === undefined) return;
		this.#mailboxes.delete(id);
		mailbox.end.cancel();
		for (const letter of mailbox.letters.values()) this.#bytes -= letter.length;
		for (const one of [...mailbox.waiting]) one.answer(undefined);
	}

	#require(id: string): Mailbox {
		const mailbox = this.#mailboxes.get(id);
		if (mailbox === undefined) throw new Refusal("NOT_FOUND", "nobody waits under this code");
		return mailbox;
	}

	/** Whoever waits is answered. */
	[Symbol.dispose](): void {
		for (const id of [...this.#mailboxes.keys()]) this.close(id);
	}
}
