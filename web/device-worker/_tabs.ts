/**
 * Tabs of one browser, as far as the switchboard sees them: Node has the same Web Locks and BroadcastChannel. Their
 * device is a list of messages in memory, which all tabs share as they would share IndexedDB.
 */
import { randomUUID } from "node:crypto";
import type { MessageView } from "@troth/client/device/api.ts";
import type { Clock, ConversationId, MessageId, Timer } from "@troth/protocol";
import { Refusal, SystemClock } from "@troth/protocol";
import { connectHost } from "./connect-host.ts";
import type { DeviceHost, HostEvent, HostState, MethodName } from "./host.ts";
import { type Backend, Switchboard } from "./switchboard.ts";
import type { BetweenWorkers, Call, ToTab } from "./wire.ts";

export const CHAT = "aa".repeat(16) as ConversationId;

/** What all tabs of one browser share: a store, and a count of who has it open. */
export class Browser {
	readonly name = `troth-test-${randomUUID()}`;
	readonly messages: MessageView[] = [];
	open = 0;
	mostOpen = 0;
	/** Answers wait for this. */
	hold: Promise<void> = Promise.resolve();
	/** The leading tab closes while it carries out the next `send`: before the message is stored, or right after. */
	closes: { readonly tab: Tab; readonly when: "before" | "after" } | undefined;

	get texts(): readonly string[] {
		return this.messages.map(({ body }) => (body.kind === "text" ? body.text : ""));
	}

	store(text: string): MessageView {
		const message: MessageView = {
			conversation: CHAT,
			key: (this.messages.length + 1).toString().padStart(6, "0"),
			seq: undefined,
			id: randomUUID().replaceAll("-", "") as MessageId,
			sender: { account: "bb".repeat(16) as never, name: "Alice", phone: undefined, self: true },
			timeMs: 0,
			body: { kind: "text", text, replyTo: undefined },
			delivery: { state: "waiting" },
		};
		this.messages.push(message);
		return message;
	}
}

class StoreBackend implements Backend {
	state: HostState = { state: "open" };
	readonly #browser: Browser;
	readonly #listeners: ((event: HostEvent) => void)[] = [];

	constructor(browser: Browser) {
		this.#browser = browser;
		browser.open += 1;
		browser.mostOpen = Math.max(browser.mostOpen, browser.open);
	}

	async call(method: MethodName, args: readonly unknown[]): Promise<unknown> {
		const browser = this.#browser;
		await browser.hold;
		switch (method) {
			case "messages": {
				const { beforeKey, limit } = args[1] as { readonly beforeKey?: string; readonly limit: number };
				const before = browser.messages.filter(({ key }) => beforeKey === undefined || key < beforeKey);
				return before.slice(-limit);
			}
			case "send": {
				const { closes } = browser;
				browser.closes = undefined;
				if (closes?.when === "before") return closes.tab.close();
				const message = browser.store(String(args[1]));
				closes?.tab.close();
				for (const listener of this.#listeners) listener({ type: "device", event: { type: "caught-up" } });
				return message;
			}
			default:
				throw new Refusal("RATE_LIMITED", "later", { retryAtMs: 7 });
		}
	}

	subscribe(listener: (event: HostEvent) => void): void {
		this.#listeners.push(listener);
	}
}

export class Tab {
	readonly host: DeviceHost;
	readonly events: HostEvent[] = [];
	readonly #channel: InstanceType<typeof BroadcastChannel>;
	readonly #browser: Browser;
	#release: () => void = () => {};
	#alive = true;
	#leads = false;
	#frozen = false;

	constructor(browser: Browser, clock: Clock = new SystemClock()) {
		this.#browser = browser;
		this.#channel = new BroadcastChannel(browser.name);
		let toTab: (message: ToTab) => void = () => {};
		const gone = new Promise<void>((resolve) => {
			this.#release = resolve;
		});
		const switchboard = new Switchboard({
			lead: (task) =>
				void navigator.locks.request(browser.name, async () => {
					if (!this.#alive) return;
					this.#leads = true;
					await Promise.race([task(), gone]);
				}),
			broadcast: (message) => {
				if (this.#alive && !this.#frozen) this.#channel.postMessage(structuredClone(message));
			},
			toTab: (message) => {
				if (this.#alive) toTab(structuredClone(message));
			},
			open: async () => new StoreBackend(browser),
			clock,
			id: randomUUID(),
		});
		this.#channel.onmessage = ({ data }: { data: unknown }) => {
			if (this.#alive && !this.#frozen) switchboard.fromWorker(data as BetweenWorkers);
		};
		this.host = connectHost({
			post: (call: Call) => switchboard.fromTab(structuredClone(call)),
			listen: (listener) => {
				toTab = listener;
			},
		});
		this.host.subscribe((event) => this.events.push(event));
		switchboard.start();
	}

	/** As if the person closed it: no goodbye, the browser frees the lock. */
	close(): void {
		if (!this.#alive) return;
		this.#alive = false;
		if (this.#leads) this.#browser.open -= 1;
		this.#channel.close();
		this.#release();
	}

	/** As if it hung: it neither hears nor answers, and keeps the lock. */
	freeze(): void {
		this.#frozen = true;
	}

	async state(state: HostState["state"]): Promise<void> {
		while (this.host.state.state !== state) await soon();
	}
}

/** A clock whose waits are a thousand times shorter. */
export class FastClock extends SystemClock {
	override now(): number {
		return super.now() * 1000;
	}
	override after(delayMs: number, task: () => void): Timer {
		const handle = setTimeout(task, delayMs / 1000);
		return { cancel: () => clearTimeout(handle) };
	}
}

export const soon = () => new Promise((resolve) => setTimeout(resolve, 2));
