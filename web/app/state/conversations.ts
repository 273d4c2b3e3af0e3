/** The list of conversations, kept fresh by the device's events. */
import type { ConversationView } from "@troth/client/device/api.ts";
import type { ConversationId } from "@troth/protocol";
import type { DeviceHost } from "../../device-worker/host.ts";
import { Cell } from "./store.ts";

export class Conversations {
	/** Newest activity first; undefined until the first answer. */
	readonly list = new Cell<readonly ConversationView[] | undefined>(undefined);
	readonly #host: DeviceHost;
	readonly #asked = new Set<ConversationId>();

	constructor(host: DeviceHost) {
		this.#host = host;
	}

	get(id: ConversationId): ConversationView | undefined {
		return this.list.value?.find((conversation) => conversation.id === id);
	}

	/** Reads everything again: at the start, and after another tab took over. */
	async load(): Promise<void> {
		this.list.set(await this.#host.conversations());
	}

	put(conversation: ConversationView): void {
		const others = (this.list.value ?? []).filter(({ id }) => id !== conversation.id);
		// What was given up for another one is part of that one.
		const shown = conversation.continuedBy === undefined ? [...others, conversation] : others;
		this.list.set(shown.sort((a, b) => b.activityMs - a.activityMs));
	}

	/** Something in this conversation changed. Many changes at once are one question. */
	refresh(id: ConversationId): void {
		if (this.#asked.has(id)) return;
		this.#asked.add(id);
		queueMicrotask(async () => {
			this.#asked.delete(id);
			try {
				const conversation = await this.#host.conversation(id);
				if (conversation !== undefined) this.put(conversation);
			} catch {
				// The device is between two tabs; the load that follows the hand-over brings it.
			}
		});
	}
}
