/** The messages of one open chat: a window that grows towards the past, and follows the present. */
import type { DeviceEvent, MessageView } from "@troth/client/device/api.ts";
import type { ConversationId, MessageId } from "@troth/protocol";
import type { DeviceHost } from "../../device-worker/host.ts";
import { HandedOver } from "../../device-worker/wire.ts";
import { merged, withMessage } from "./message-order.ts";
import { Cell } from "./store.ts";

const PAGE = 60;
/** More unread messages than these are not all loaded at once. */
const LARGEST_PAGE = 600;

export interface ChatWindow {
	readonly messages: readonly MessageView[];
	/** Nothing older lies on this device. */
	readonly complete: boolean;
	/** The last change put messages before the first one. */
	readonly grewAtStart: boolean;
}

export class Chat {
	readonly id: ConversationId;
	/** Undefined until the first page is here. */
	readonly window = new Cell<ChatWindow | undefined>(undefined);
	readonly #host: DeviceHost;
	#loadingOlder = false;

	constructor(host: DeviceHost, id: ConversationId) {
		this.#host = host;
		this.id = id;
	}

	/**
	 * The newest page, merged with what is here.
	 * @param unread so many messages and some before them are wanted at least
	 */
	async load(unread = 0): Promise<void> {
		const limit = Math.min(PAGE + unread, LARGEST_PAGE);
		const page = await this.#host.messages(this.id, { limit });
		const before = this.window.value;
		const joins = before !== undefined && page.some(({ key }) => key <= (before.messages.at(-1)?.key ?? ""));
		this.window.set({
			messages: joins ? merged(before.messages, page) : page,
			complete: joins ? before.complete : page.length < limit,
			grewAtStart: false,
		});
	}

	/** One page further back; nothing where one is on its way or none is left. */
	async loadOlder(): Promise<void> {
		const before = this.window.value;
		const first = before?.messages[0];
		if (before === undefined || first === undefined || before.complete || this.#loadingOlder) return;
		this.#loadingOlder = true;
		try {
			const page = await this.#host.messages(this.id, { beforeKey: first.key, limit: PAGE });
			const { messages } = this.window.value ?? before;
			this.window.set({ messages: merged(page, messages), complete: page.length < PAGE, grewAtStart: true });
		} finally {
			this.#loadingOlder = false;
		}
	}

	/** Loads back until this message is in the window; false where it is not on this device. */
	async reach(matches: (message: MessageView) => boolean): Promise<boolean> {
		for (;;) {
			const now = this.window.value;
			if (now === undefined) return false;
			if (now.messages.some(matches)) return true;
			if (now.complete) return false;
			await this.loadOlder();
			if (this.window.value === now) return false;
		}
	}

	/**
	 * Sends a message; resolves when it lies in the device's outbox. Where the tab that serves the device closes just
	 * then, the store of the next one says whether it came that far: it is sent once, not twice and not never.
	 */
	async send(text: string, replyTo?: MessageId): Promise<void> {
		const newest = this.window.value?.messages.at(-1)?.key ?? "";
		try {
			this.put(await this.#host.send(this.id, text, replyTo));
		} catch (error) {
			if (!(error instanceof HandedOver)) throw error;
			await this.load();
			const arrived = this.window.value?.messages.some(
				({ key, sender, body }) =>
					key > newest &&
					sender?.self === true &&
					body.kind === "text" &&
					body.text === text &&
					body.replyTo === replyTo,
			);
			if (arrived !== true) await this.send(text, replyTo);
		}
	}

	/** Takes in what concerns this chat. */
	handle(event: DeviceEvent): void {
		if (event.type !== "message" || event.message.conversation !== this.id) return;
		this.put(event.message);
		if (event.message.body.kind === "restarted") this.#grewBackwards();
	}

	/** Another conversation became the beginning of this one: what lay before the first row is there now. */
	#grewBackwards(): void {
		const now = this.window.value;
		if (now === undefined) return;
		this.window.set({ ...now, complete: false, grewAtStart: false });
		void this.loadOlder();
	}

	put(message: MessageView): void {
		const now = this.window.value;
		if (now === undefined) return;
		this.window.set({ ...now, messages: withMessage(now.messages, message), grewAtStart: false });
	}
}
