import type { ConversationId } from "@troth/protocol";
import type { DeviceEvent } from "../../device/api.ts";
import { type Command, countOption } from "../command.ts";
import { describeMessage, eventOf } from "../events.ts";
import { Listened } from "../listened.ts";
import { withDevice } from "../with-device.ts";

/** What waits to be printed: an event as it is, or a conversation in which something may be new. */
type Waiting =
	| { readonly kind: "event"; readonly json: Readonly<Record<string, unknown>>; readonly text: string }
	| { readonly kind: "conversation"; readonly id: ConversationId };

export const listen: Command = {
	name: "listen",
	usage: "[--count N] [--timeout SECONDS]",
	summary: "prints what comes in, one event a line, beginning with what was not printed yet",
	options: { count: "string", timeout: "string" },
	run: withDevice(async (device, args, { output, profile }) => {
		const timeout = countOption(args, "timeout");
		let left = countOption(args, "count") ?? Number.POSITIVE_INFINITY;
		const listened = await Listened.open(profile);
		const queue = new WaitingQueue();
		const stop = device.subscribe((event) => {
			const waiting = waitingFor(event);
			if (waiting !== undefined) queue.push(waiting);
		});
		// What came while no `listen` ran is stored and was never printed.
		for (const { id } of await device.conversations()) queue.push({ kind: "conversation", id });
		const timer = timeout === undefined ? undefined : setTimeout(() => queue.end(), timeout * 1000);
		process.once("SIGINT", () => queue.end()).once("SIGTERM", () => queue.end());
		try {
			for (
				let next = await queue.next();
				next !== undefined && left > 0;
				next = left > 0 ? await queue.next() : undefined
			) {
				if (next.kind === "event") {
					output.say(next.json, next.text);
					left--;
					continue;
				}
				// Always in the order of the log, and each message once, however often the device spoke of it.
				for (const message of await listened.missing(device, next.id)) {
					if (left === 0) break;
					output.say(eventOf(message), describeMessage(message));
					left--;
					await listened.note(message);
					if (message.seq !== undefined) await device.markRead(next.id, message.seq);
				}
			}
		} finally {
			clearTimeout(timer);
			stop();
		}
	}),
};

class WaitingQueue {
	readonly #waiting: Waiting[] = [];
	#over = false;
	#wake = () => {};

	push(waiting: Waiting): void {
		this.#waiting.push(waiting);
		this.#wake();
	}

	end(): void {
		this.#over = true;
		this.#wake();
	}

	/** The next one, when there is one; undefined after the end, with nothing left. */
	async next(): Promise<Waiting | undefined> {
		for (;;) {
			const first = this.#waiting.shift();
			if (first !== undefined || this.#over) return first;
			await new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
		}
	}
}

function waitingFor(event: DeviceEvent): Waiting | undefined {
	switch (event.type) {
		case "message":
			return { kind: "conversation", id: event.message.conversation };
		case "receipt": {
			const { conversation, account, deliveredSeq, readSeq } = event;
			return { kind: "event", json: { type: "receipt", conversation, account, deliveredSeq, readSeq }, text: "" };
		}
		case "terms":
			return {
				kind: "event",
				json: { type: "terms", version: event.version },
				text: `New terms: version ${event.version}.`,
			};
		case "connection": {
			const { state } = event.connection;
			if (state !== "relink-required" && state !== "removed") return undefined;
			return { kind: "event", json: { type: "connection", state }, text: `This device: ${state}.` };
		}
		case "conversation":
		case "typing":
		case "caught-up":
			return undefined;
	}
}
