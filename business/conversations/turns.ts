/** Work on one conversation, one piece after the other; conversations do not wait for each other. */
import type { ConversationId } from "@troth/protocol";

export class Turns implements AsyncDisposable {
	readonly #last = new Map<ConversationId, Promise<unknown>>();
	#closed = false;

	/** Runs `work` when everything before it on this conversation is over; resolves and rejects as it does. */
	take<T>(conversation: ConversationId, work: () => Promise<T>): Promise<T> {
		const before = this.#last.get(conversation) ?? Promise.resolve();
		const turn = before.then(work, work);
		this.#last.set(conversation, turn);
		const over = () => {
			if (this.#last.get(conversation) === turn) this.#last.delete(conversation);
		};
		turn.then(over, over);
		return turn;
	}

	get isClosed(): boolean {
		return this.#closed;
	}

	/** Resolves when nothing runs any more. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#closed = true;
		await Promise.allSettled(this.#last.values());
	}
}
