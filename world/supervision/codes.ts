/** Verification codes that went out, for a world without telephones. */
interface Sent {
	readonly phone: string;
	readonly code: string;
	/** Which part sent it: "messenger", "family". */
	readonly by: string;
}

export class SentCodes {
	readonly #sent: Sent[] = [];
	readonly #waiting = new Set<() => void>();

	note(sent: Sent): void {
		this.#sent.push(sent);
		for (const wake of [...this.#waiting]) wake();
	}

	/** The last one sent to this number, by anybody. */
	last(phone: string): string | undefined {
		return this.#sent.findLast((sent) => sent.phone === phone)?.code;
	}

	/** The last one, or the first that will be sent. */
	async any(phone: string): Promise<string> {
		return this.last(phone) ?? this.#first((sent) => sent.phone === phone);
	}

	/** Call it before a code is asked for: what it gives waits for the first one that this part sends from now on. */
	after(phone: string, by: string): () => Promise<string> {
		const known = this.#sent.length;
		return () => this.#first((sent, at) => at >= known && sent.phone === phone && sent.by === by);
	}

	#first(wanted: (sent: Sent, at: number) => boolean): Promise<string> {
		return new Promise((resolve) => {
			const look = () => {
				const found = this.#sent.find(wanted);
				if (found === undefined) return;
				this.#waiting.delete(look);
				resolve(found.code);
			};
			this.#waiting.add(look);
			look();
		});
	}
}
