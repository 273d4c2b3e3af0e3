/** Verification codes that went out, for a world without telephones. */
export class SentCodes {
	readonly #sent = new Map<string, { readonly code: string; readonly count: number }>();
	readonly #waiting = new Set<() => void>();

	note(phone: string, code: string): void {
		this.#sent.set(phone, { code, count: this.#countOf(phone) + 1 });
		for (const wake of [...this.#waiting]) wake();
	}

	/** The last one sent to this number. */
	last(phone: string): string | undefined {
		return this.#sent.get(phone)?.code;
	}

	/** The last one, or the first that will be sent. */
	async any(phone: string): Promise<string> {
		return this.last(phone) ?? this.after(phone)();
	}

	/** Call it before a code is asked for: what it gives waits for the first one sent from now on. */
	after(phone: string): () => Promise<string> {
		const known = this.#countOf(phone);
		return () =>
			new Promise((resolve) => {
				const look = () => {
					const sent = this.#sent.get(phone);
					if (sent === undefined || sent.count === known) return;
					this.#waiting.delete(look);
					resolve(sent.code);
				};
				this.#waiting.add(look);
				look();
			});
	}

	#countOf(phone: string): number {
		return this.#sent.get(phone)?.count ?? 0;
	}
}
