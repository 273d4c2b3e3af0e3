/** Half-written messages, in the device's own sealed store. */
import type { LocalStore } from "@troth/client/store/port.ts";
import type { ConversationId } from "@troth/protocol";
import type { Drafts as DraftsApi } from "./host.ts";

export class Drafts implements DraftsApi {
	readonly #store: LocalStore;

	constructor(store: LocalStore) {
		this.#store = store;
	}

	async draft(conversation: ConversationId): Promise<string> {
		const bytes = await this.#store.get(keyOf(conversation));
		return bytes === undefined ? "" : new TextDecoder().decode(bytes);
	}

	async saveDraft(conversation: ConversationId, text: string): Promise<void> {
		const value = text === "" ? undefined : new TextEncoder().encode(text);
		await this.#store.write(new Map([[keyOf(conversation), value]]));
	}
}

function keyOf(conversation: ConversationId): string {
	return `web-draft/${conversation}`;
}
