import { type ConversationId, Refusal } from "@troth/protocol";
import type { Device, DeviceEvent } from "../../device/api.ts";
import type { TermsReminder } from "../../device/sharing-api.ts";
import { type Command, countOption } from "../command.ts";
import { describeMessage, eventOf, nameOf } from "../events.ts";
import { Listened } from "../listened.ts";
import { printEnding, printNotice, printReminder } from "../notice.ts";
import { withDevice } from "../with-device.ts";
import { describeDeviceNotice } from "./devices.ts";

/** What waits to be printed: an event as it is, or a conversation in which something may be new. */
type Waiting =
	| { readonly kind: "event"; readonly event: Extract<DeviceEvent, { type: "receipt" }> }
	| { readonly kind: "notice"; readonly version: number }
	| { readonly kind: "reminder"; readonly reminder: TermsReminder }
	| { readonly kind: "devices" }
	| { readonly kind: "account-ending" }
	| { readonly kind: "conversation"; readonly id: ConversationId };

export const listen: Command = {
	name: "listen",
	usage: "[--count N] [--timeout SECONDS]",
	summary: "prints what comes in, one event a line, beginning with what was not printed yet",
	options: { count: "string", timeout: "string" },
	run: withDevice("nothing", async (device, args, { output, profile }) => {
		const timeout = countOption(args, "timeout");
		let left = countOption(args, "count") ?? Number.POSITIVE_INFINITY;
		const listened = await Listened.open(profile);
		const queue = new WaitingQueue();
		const stop = device.subscribe((event) => take(queue, event));
		queue.push({ kind: "account-ending" });
		// What came while no `listen` ran is stored and was never printed.
		for (const { id } of await device.conversations()) queue.push({ kind: "conversation", id });
		const waiting = await device.notice();
		if (waiting !== undefined) queue.push({ kind: "notice", version: waiting });
		const missed = await device.reminder();
		if (missed !== undefined) queue.push({ kind: "reminder", reminder: missed });
		const notices = new Set<number>();
		const reminded = new Set<string>();
		const told = new Set<string>();
		queue.push({ kind: "devices" });
		const timer = timeout === undefined ? undefined : setTimeout(() => queue.end(), timeout * 1000);
		const end = () => queue.end();
		process.once("SIGINT", end).once("SIGTERM", end);
		try {
			while (left > 0) {
				const next = await queue.next();
				if (next === undefined) break;
				if (next.kind === "event") {
					const { event } = next;
					output.say(event, await describeEvent(device, event));
					left--;
					continue;
				}
				if (next.kind === "notice") {
					if (notices.has(next.version)) continue;
					notices.add(next.version);
					await printNotice(device, next.version, output);
					left--;
					continue;
				}
				if (next.kind === "devices") {
					for (const notice of await device.deviceNotices()) {
						const { kind, device: id, name, atMs: at } = notice;
						if (told.has(`${kind} ${id} ${at}`)) continue;
						told.add(`${kind} ${id} ${at}`);
						output.say({ type: "device", notice: kind, device: id, name, at }, describeDeviceNotice(notice));
						left--;
					}
					continue;
				}
				if (next.kind === "account-ending") {
					if (await printEnding(device, output)) left--;
					continue;
				}
				if (next.kind === "reminder") {
					const { version, day } = next.reminder;
					if (reminded.has(`${version} ${day}`)) continue;
					reminded.add(`${version} ${day}`);
					await printReminder(device, next.reminder, output);
					left--;
					continue;
				}
				// Always in the order of the log, and each message once, however often the device spoke of it.
				const title = (await device.conversation(next.id))?.title;
				for (const message of await listened.missing(device, next.id)) {
					if (left === 0) break;
					output.say(eventOf(message), describeMessage(message, title));
					left--;
					await listened.note(message);
					if (message.seq !== undefined) await device.markRead(next.id, message.seq);
				}
			}
		} finally {
			clearTimeout(timer);
			process.off("SIGINT", end).off("SIGTERM", end);
			stop();
		}
	}),
};

class WaitingQueue {
	readonly #waiting: Waiting[] = [];
	#over: true | Refusal | undefined;
	#wake = () => {};

	push(waiting: Waiting): void {
		this.#waiting.push(waiting);
		this.#wake();
	}

	/** Nothing more comes; `refusal` where that is not as it should be. */
	end(refusal?: Refusal): void {
		this.#over ??= refusal ?? true;
		this.#wake();
	}

	/** The next one, when there is one; undefined after the end, with nothing left. Throws the refusal it ended with. */
	async next(): Promise<Waiting | undefined> {
		for (;;) {
			const first = this.#waiting.shift();
			if (first !== undefined) return first;
			if (this.#over instanceof Refusal) throw this.#over;
			if (this.#over) return undefined;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}

function take(queue: WaitingQueue, event: DeviceEvent): void {
	switch (event.type) {
		case "message":
			queue.push({ kind: "conversation", id: event.message.conversation });
			break;
		case "receipt":
			queue.push({ kind: "event", event });
			break;
		case "terms":
			queue.push(
				event.reminderDay === undefined
					? { kind: "notice", version: event.version }
					: { kind: "reminder", reminder: { version: event.version, day: event.reminderDay } },
			);
			break;
		case "connection":
			if (event.connection.state === "relink-required")
				queue.end(new Refusal("SEQ_REUSED", "this profile is a copy or was restored"));
			else if (event.connection.state === "removed")
				queue.end(new Refusal("DEVICE_REMOVED", "this device was removed from its account"));
			else if (event.connection.state === "unlinked")
				queue.end(new Refusal("DEVICE_UNLINKED", "this device was not here for 30 days and was unlinked"));
			else if (event.connection.state === "replaced")
				queue.end(new Refusal("UNAVAILABLE", "another connection of this device took over"));
			break;
		case "devices":
		case "account-ending":
			queue.push({ kind: event.type });
			break;
		case "conversation":
		case "typing":
		case "presence":
		case "sharing":
		case "contacts":
		case "caught-up":
			break;
	}
}

async function describeEvent(device: Device, event: Extract<DeviceEvent, { type: "receipt" }>): Promise<string> {
	const view = await device.conversation(event.conversation);
	const who = view?.members.find(({ account }) => account === event.account);
	return `${who === undefined ? event.account : nameOf(who)} has ${event.deliveredSeq}, has read ${event.readSeq}`;
}
