/**
 * What every service's log has in common: a line of JSON for each business event, and counters. It never throws, and
 * errors that nobody foresaw lose their digits before they are written, because they could be a number or a code.
 */
import type { Clock } from "./clock.ts";

export type EventLevel = "info" | "warn" | "error";
export type EventFields = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** Where log lines go. */
export type LogSink = (line: string) => void;

/** Extended by a service's own events, which have one method each and no place for what must not be logged. */
export class EventLog {
	readonly #clock: Clock;
	readonly #write: LogSink;
	readonly #counters = new Map<string, number>();

	constructor(clock: Clock, write: LogSink) {
		this.#clock = clock;
		this.#write = write;
	}

	/** Counts since the start, by `event` or `event{label}`. */
	counters(): ReadonlyMap<string, number> {
		return this.#counters;
	}

	/** Writes a line, and counts it; labels come from small closed sets. */
	protected emit(level: EventLevel, event: string, fields: EventFields, label?: string): void {
		this.count(event, label);
		try {
			this.#write(JSON.stringify({ time: new Date(this.#clock.now()).toISOString(), level, event, ...fields }));
		} catch {
			// A log that can not be written must stop nothing.
		}
	}

	protected count(event: string, label?: string): void {
		const name = label === undefined ? event : `${event}{${label}}`;
		this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1);
	}
}

/** What a log may say of an error. Those of engines may quote what they choked on. */
export function describeError(error: unknown): EventFields {
	if (!(error instanceof Error)) return { error: withoutDigits(String(error)) };
	const { code } = error as { code?: unknown };
	return {
		error: withoutDigits(`${error.name}: ${error.message}`),
		...((typeof code === "string" || typeof code === "number") && { code }),
		stack: withoutDigits(error.stack?.split("\n").slice(1, 12).join("\n") ?? ""),
		...(error.cause !== undefined && { cause: withoutDigits(String(error.cause)) }),
	};
}

/** Runs of digits could be a number or a code. */
export function withoutDigits(text: string): string {
	return text.replaceAll(/\d[\d\s().-]{4,}\d/g, "…");
}
