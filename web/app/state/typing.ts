/** Who is typing where. An indication fades by itself: the end of it may never arrive. */
import type { AccountId, Clock, ConversationId, Timer } from "@troth/protocol";
import { Cell } from "./store.ts";

const FADES_AFTER = 8_000;

export class Typists {
	readonly now = new Cell<ReadonlyMap<ConversationId, readonly AccountId[]>>(new Map());
	readonly #clock: Clock;
	readonly #timers = new Map<string, Timer>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	set(conversation: ConversationId, account: AccountId, active: boolean): void {
		const key = `${conversation} ${account}`;
		this.#timers.get(key)?.cancel();
		this.#timers.delete(key);
		const others = (this.now.value.get(conversation) ?? []).filter((other) => other !== account);
		const typing = active ? [...others, account] : others;
		if (active)
			this.#timers.set(
				key,
				this.#clock.after(FADES_AFTER, () => this.set(conversation, account, false)),
			);
		if (active || typing.length !== (this.now.value.get(conversation) ?? []).length)
			this.now.set(new Map(this.now.value).set(conversation, typing));
	}
}
