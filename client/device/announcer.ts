/**
 * Tells the app what changed: after it is durable, never before. Conversation views are collected while work is under
 * way, so that two hundred messages make one event of their conversation.
 */
import type { ConversationId } from "@troth/protocol";
import type { MessageRecord } from "../state/records.ts";
import type { DeviceEvent } from "./api.ts";
import type { Views } from "./views.ts";

export class Announcer {
	readonly #views: Views;
	readonly #listeners = new Set<(event: DeviceEvent) => void>();
	readonly #changed = new Set<ConversationId>();
	#telling: Promise<void> | undefined;
	#live = false;

	constructor(views: Views) {
		this.#views = views;
	}

	subscribe(listener: (event: DeviceEvent) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Messages that come from now on are (or are not) news to somebody who looks at the app. */
	setLive(live: boolean): void {
		this.#live = live;
	}

	emit(event: DeviceEvent): void {
		for (const listener of [...this.#listeners]) {
			try {
				listener(event);
			} catch (error) {
				// A listener's defect must not stop the device; it surfaces as the app's own unhandled error.
				void Promise.reject(error);
			}
		}
	}

	message(conversation: ConversationId, row: MessageRecord): void {
		this.emit({ type: "message", message: this.#views.message(conversation, row), live: this.#live });
	}

	/** The conversation's view changed; it is told once the present work is done. */
	conversation(id: ConversationId): void {
		this.#changed.add(id);
		this.#telling ??= this.#tell();
	}

	async #tell(): Promise<void> {
		await Promise.resolve();
		for (const id of this.#changed) {
			this.#changed.delete(id);
			try {
				const conversation = await this.#views.conversation(id);
				if (conversation !== undefined) this.emit({ type: "conversation", conversation });
			} catch {
				// The store was closed meanwhile: nobody is left to tell.
			}
		}
		this.#telling = undefined;
	}
}
