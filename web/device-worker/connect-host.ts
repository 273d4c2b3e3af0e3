/** The tab's end: a `DeviceHost` whose every method is a question to this tab's worker. */
import { type DeviceHost, type HostEvent, type HostState, METHODS } from "./host.ts";
import { type Call, fromOutcome, type ToTab } from "./wire.ts";

/** The line to this tab's worker. */
export interface WorkerLine {
	readonly post: (call: Call) => void;
	readonly listen: (listener: (message: ToTab) => void) => void;
}

interface Waiting {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

/** Connects the tab; calls may be made at once and wait until the device is there. */
export function connectHost(line: WorkerLine): DeviceHost {
	const waiting = new Map<number, Waiting>();
	const listeners = new Set<(event: HostEvent) => void>();
	let state: HostState = { state: "starting" };
	let lastId = 0;

	line.listen((message) => {
		if (message.kind === "event") {
			if (message.event.type === "state") state = message.event.state;
			for (const listener of [...listeners]) listener(message.event);
			return;
		}
		const call = waiting.get(message.id);
		waiting.delete(message.id);
		if (message.outcome.ok) call?.resolve(message.outcome.value);
		else call?.reject(fromOutcome(message.outcome));
	});

	const calls = Object.fromEntries(
		METHODS.map((method) => [
			method,
			(...args: readonly unknown[]) =>
				new Promise((resolve, reject) => {
					lastId += 1;
					waiting.set(lastId, { resolve, reject });
					line.post({ kind: "call", id: lastId, method, args });
				}),
		]),
	) as unknown as Omit<DeviceHost, "state" | "subscribe">;

	return {
		...calls,
		get state() {
			return state;
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}
