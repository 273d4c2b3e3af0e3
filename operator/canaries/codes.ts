/** How the auditor gets the codes that are sent to their numbers. */
import { type Clock, SystemClock } from "@troth/protocol";

/** Prepares for a code that is about to be asked for, and then gives it. */
export type CodeFor = (phone: string, from: string) => Promise<() => Promise<string>>;

/** The auditor reads it off the telephone. */
export function askTerminal(ask: (question: string) => Promise<string> | undefined): CodeFor {
	return async (phone, from) => async () => ((await ask(`The code that ${from} sent to ${phone}: `)) ?? "").trim();
}

const PATIENCE_MS = 10_000;
const LOOK_EVERY_MS = 100;

/** The sandbox tells codes over HTTP: the next one that differs from the last. */
export function smsCodes(url: string, clock: Clock = new SystemClock()): CodeFor {
	const read = async (phone: string): Promise<string | undefined> => {
		const at = new URL(url);
		at.searchParams.set("phone", phone);
		const response = await fetch(at);
		const answer: unknown = response.ok ? await response.json() : undefined;
		const code = typeof answer === "object" && answer !== null && "code" in answer ? answer.code : undefined;
		return typeof code === "string" ? code : undefined;
	};
	return async (phone, from) => {
		const before = await read(phone);
		const startedMs = clock.now();
		return async () => {
			for (;;) {
				const code = await read(phone);
				if (code !== undefined && code !== before) return code;
				if (clock.now() - startedMs > PATIENCE_MS) throw new Error(`no code of ${from} came`);
				await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
			}
		};
	};
}
