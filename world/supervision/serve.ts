/** The side of a service process: starts one service when told to, keeps its clock, ends with its parent. */
import { SystemClock } from "@troth/protocol";
import type { FromService, ServiceEvent, ToService } from "./messages.ts";

/** A running service and what the world wants to know of it. */
export interface Served<Facts> extends AsyncDisposable {
	readonly facts: Facts;
	/** What the world may ask this process to do, by name. */
	readonly calls?: Readonly<Record<string, () => Promise<unknown>>>;
}

/** What a service is started with beside its own options. */
export interface Surroundings {
	readonly clock: SystemClock;
	tell(event: ServiceEvent): void;
	/** The last verification code that went to this number; waits until there is one. */
	codeFor(phone: string): Promise<string>;
}

/**
 * Waits for the parent's word, then runs `start` with the options it sent. A failed start ends the process with its
 * reason on standard error: the supervisor reads it.
 */
export function serve<Options, Facts>(
	start: (options: Options, surroundings: Surroundings) => Promise<Served<Facts>>,
): void {
	const clock = new SystemClock();
	const tell = (message: FromService) => void process.send?.(message);
	const asked = new Map<number, (code: string) => void>();
	const codeFor = (phone: string) =>
		new Promise<string>((resolve) => {
			const id = asked.size + 1;
			asked.set(id, resolve);
			tell({ kind: "ask-code", phone, id });
		});
	let running: Served<Facts> | undefined;

	const stop = async () => {
		process.removeAllListeners("disconnect");
		await running?.[Symbol.asyncDispose]();
		if (process.connected) process.disconnect();
	};
	process.on("message", (message: ToService) => {
		switch (message.kind) {
			case "serve":
				clock.advance(message.clockOffsetMs);
				// Without a handler on purpose: a service that can not start has no other way to end than with its error.
				void start(message.options as Options, { clock, tell, codeFor }).then((served) => {
					running = served;
					tell({ kind: "ready", facts: served.facts });
				});
				break;
			case "advance":
				clock.advance(message.ms);
				tell({ kind: "advanced", id: message.id });
				break;
			case "code":
				asked.get(message.id)?.(message.code);
				break;
			case "call":
				answer(running?.calls?.[message.name], message).then(tell, () => {});
				break;
			case "stop":
				void stop();
				break;
		}
	});
	// Without its parent nobody would ever stop it.
	process.on("disconnect", () => void stop());
	// A terminal's Ctrl-C reaches the whole group; the parent tells us when to stop.
	process.on("SIGINT", () => {});
}

async function answer(
	call: (() => Promise<unknown>) | undefined,
	{ id, name }: Extract<ToService, { kind: "call" }>,
): Promise<FromService> {
	if (call === undefined) return { kind: "called", id, error: `there is nothing called ${name} here` };
	try {
		return { kind: "called", id, value: await call() };
	} catch (error) {
		return { kind: "called", id, error: String(error) };
	}
}
