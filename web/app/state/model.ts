/** What the screens share: one host, its conversations, open chats, and what is announced to screen readers. */
import { choicesOf } from "@troth/client/consent/as-shown.ts";
import type {
	Connection,
	DeviceEvent,
	MessageView,
	Self,
	Settings,
	SharingView,
	TermsView,
} from "@troth/client/device/api.ts";
import { Untrusted } from "@troth/client/identity/untrusted.ts";
import { type Clock, type ConversationId, Refusal, SystemClock } from "@troth/protocol";
import type { DeviceHost, HostState } from "../../device-worker/host.ts";
import { notificationChoices } from "../notifications/choices.ts";
import { startOver } from "../starting/start-over.ts";
import { words } from "../words/words.ts";
import { Chat } from "./chat.ts";
import { Conversations } from "./conversations.ts";
import { Photos } from "./photos.ts";
import { Presences } from "./presence.ts";
import { previewOf } from "./preview.ts";
import { Cell } from "./store.ts";
import { Typists } from "./typing.ts";

const CHATS_KEPT = 6;

export class Model {
	readonly host: DeviceHost;
	readonly clock: Clock = new SystemClock();
	readonly hostState: Cell<HostState>;
	readonly connection = new Cell<Connection>({ state: "connecting" });
	readonly self = new Cell<Self | undefined>(undefined);
	readonly terms = new Cell<TermsView | undefined>(undefined);
	/** Where the person stands with the terms and the choices. */
	readonly sharing = new Cell<SharingView | undefined>(undefined);
	/** The version that the person was reminded of and that waits to be displayed again. */
	readonly reminded = new Cell<number | undefined>(undefined);
	/** Why what the server says about terms and sharing is not believed; undefined while it is. */
	readonly distrust = new Cell<string | undefined>(undefined);
	/** The choices follow an acceptance that was given here. */
	readonly choosing = new Cell<"registration" | "notice" | undefined>(undefined);
	/** The server's clock minus this one, ms. */
	#serverAheadMs = 0;
	readonly settings = new Cell<Settings | undefined>(undefined);
	readonly conversations: Conversations;
	readonly typists: Typists;
	readonly photos: Photos;
	readonly presences = new Presences();
	/** Read out politely by screen readers. */
	readonly announcement = new Cell("");
	/** Shown for a moment at the bottom. */
	readonly toast = new Cell<string | undefined>(undefined);
	readonly #chats = new Map<ConversationId, Chat>();
	#open: ConversationId | undefined;

	constructor(host: DeviceHost) {
		this.host = host;
		this.hostState = new Cell(host.state);
		this.conversations = new Conversations(host);
		this.typists = new Typists(this.clock);
		this.photos = new Photos(host);
		host.subscribe((event) => {
			if (event.type === "state") {
				// The account was deleted, here or in another tab: nothing of it may stay on the screen or in memory.
				if (event.state.state === "unregistered" && this.hostState.value.state === "open") return startOver();
				this.hostState.set(event.state);
				if (event.state.state === "open") void this.load();
			} else if (event.type === "resync") void this.load();
			else this.#handle(event.event);
		});
		if (host.state.state === "open") void this.load();
	}

	/** Reads again what the screens show. */
	async load(): Promise<void> {
		if (this.host.state.state !== "open") return;
		const { host } = this;
		const settle = async <T>(question: Promise<T>, put: (value: T) => void) => {
			try {
				put(await question);
			} catch (error) {
				// A refusal has its own place on the screen (the banner, mostly); anything else is a defect.
				if (!(error instanceof Refusal)) console.error("the device did not answer", error);
			}
		};
		this.readTerms();
		await Promise.all([
			settle(host.self(), (self) => this.self.set(self)),
			settle(host.connection(), (connection) => this.connection.set(connection)),
			settle(host.settings(), (settings) => this.settings.set(settings)),
			settle(this.conversations.load(), () => {}),
			...[...this.#chats.values()].map((chat) => settle(chat.load(), () => {})),
		]);
	}

	/** The chat's messages, loading where they are not here yet. The last few opened ones stay in memory. */
	chat(id: ConversationId): Chat {
		const known = this.#chats.get(id);
		this.#chats.delete(id);
		const chat = known ?? new Chat(this.host, id);
		this.#chats.set(id, chat);
		if (known === undefined) void this.#tell(chat.load(this.conversations.get(id)?.unread));
		for (const old of this.#chats.keys()) {
			if (this.#chats.size <= CHATS_KEPT) break;
			this.#chats.delete(old);
		}
		return chat;
	}

	/** The chat a person is looking at needs no announcement in the list. */
	lookingAt(id: ConversationId | undefined): void {
		this.#open = id;
	}

	/** Shows a short sentence, and reads it out. */
	say(text: string): void {
		this.toast.set(text);
		this.announcement.set(text);
	}

	/** Runs something a person asked for, and tells them where it fails. */
	async #tell(task: Promise<unknown>): Promise<void> {
		try {
			await task;
		} catch (error) {
			this.say(reasonOf(error));
		}
	}

	#handle(event: DeviceEvent): void {
		for (const chat of this.#chats.values()) chat.handle(event);
		switch (event.type) {
			case "connection":
				this.connection.set(event.connection);
				if (event.connection.state === "online") this.readTerms();
				break;
			case "conversation":
				this.conversations.put(event.conversation);
				break;
			case "message":
				if (event.live) this.#announce(event);
				break;
			case "receipt":
				this.conversations.refresh(event.conversation);
				break;
			case "typing":
				this.typists.set(event.conversation, event.account, event.active);
				break;
			case "presence":
				this.presences.set(event.presence);
				break;
			case "terms":
			case "sharing":
				this.readTerms();
				break;
			case "self":
				void this.#tell(this.host.self().then((self) => this.self.set(self)));
				void this.#tell(this.host.settings().then((settings) => this.settings.set(settings)));
				break;
			case "caught-up":
				void this.#tell(this.conversations.load());
				break;
		}
	}

	/** Reads the terms and where the person stands; without a network they are read when it is back. */
	readTerms(): void {
		Promise.all([this.host.terms(), this.host.sharing(), this.host.reminder()]).then(
			([terms, sharing, reminder]) => {
				this.distrust.set(undefined);
				this.terms.set(terms);
				this.putSharing(sharing);
				this.reminded.set(reminder?.version);
			},
			(error: unknown) => this.#suspect(error),
		);
	}

	/** What does not verify is said for as long as it does not; a missing network is no reason for suspicion. */
	#suspect(error: unknown): void {
		if (error instanceof Untrusted) this.distrust.set(reasonOf(error));
	}

	putSharing(sharing: SharingView): void {
		this.#serverAheadMs = sharing.serverTimeMs - this.clock.now();
		this.sharing.set(sharing);
	}

	/** The server's clock as far as it is known here: deadlines are its. */
	serverNow(): number {
		return this.clock.now() + this.#serverAheadMs;
	}

	/** Signs the acceptance; the choices, where there are some, come after it as a decision of their own. */
	async accept(version: number, place: "registration" | "notice"): Promise<void> {
		await this.host.acceptTerms(version);
		const [terms, sharing] = await Promise.all([this.host.terms(), this.host.sharing()]);
		if (sharing.recipients.length > 0 && choicesOf(terms.purposes).length > 0) this.choosing.set(place);
		this.putSharing(sharing);
		this.terms.set(terms);
	}

	/** Loaded where the person asked for it. */
	async #notify(message: MessageView, title: string | undefined): Promise<void> {
		const { showMessage } = await import("../notifications/show-message.ts");
		await showMessage(message, title).catch(() => {});
	}

	#announce({ message }: DeviceEvent & { readonly type: "message" }): void {
		if (message.body.kind !== "text" || message.sender?.self !== false) return;
		this.typists.set(message.conversation, message.sender.account, false);
		const name = message.sender.name ?? message.sender.phone ?? words.common.unknownPerson;
		const title = this.conversations.get(message.conversation)?.title;
		const by =
			message.conversation === this.#open || title === undefined || title === name ? name : `${name}, ${title}`;
		this.announcement.set(words.chat.heard(by, previewOf(message)));
		if (notificationChoices.value.on) void this.#notify(message, title === name ? undefined : title);
	}
}

/** What to tell a person about an error. */
export function reasonOf(error: unknown): string {
	const code = (error as { readonly code?: unknown } | null)?.code;
	if (code === "HANDED_OVER") return words.handedOver;
	return words.refusal(typeof code === "string" ? code : "INTERNAL");
}
