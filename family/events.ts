/**
 * What happened, for the operator: one helper per business event, each a line of JSON in the log and a counter. They
 * never throw, and they never carry a number, a name, an address, a subject, a token or a tag: the types have no place
 * for one, and the text of unexpected errors is stripped of digits before it is written.
 */
import type { Clock } from "@troth/protocol";

type Level = "info" | "error";
type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

export class Events {
	readonly #clock: Clock;
	readonly #write: (line: string) => void;
	readonly #counters = new Map<string, number>();

	constructor(clock: Clock, write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)) {
		this.#clock = clock;
		this.#write = write;
	}

	/** Counts since the start, by `event` or `event{label}`. */
	counters(): ReadonlyMap<string, number> {
		return this.#counters;
	}

	started(settings: Fields): void {
		this.#emit("info", "started", settings);
	}

	stopped(): void {
		this.#emit("info", "stopped", {});
	}

	signedUp(): void {
		this.#emit("info", "signed-up", {});
	}

	loggedIn(outcome: "right" | "wrong" | "limited"): void {
		this.#emit("info", "logged-in", { outcome }, outcome);
	}

	codeChecked(outcome: "right" | "wrong" | "locked" | "expired"): void {
		this.#emit("info", "code-checked", { outcome }, outcome);
	}

	/** One item of a bridge was answered; `reason` where it was refused. */
	tookIn(purpose: string, outcome: string, reason?: string): void {
		this.#emit("info", "took-in", { purpose, outcome, reason }, outcome);
	}

	/** The log of receipts has something to tell: a witness that does not answer. */
	logSaid(line: string): void {
		this.#emit("info", "receipts-log", { line });
	}

	/** Counted only. */
	refused(code: string): void {
		this.#count("refused", code);
	}

	/** Something that is counted and nothing else: of the parts that bring their own words (ads, audiences). */
	counted(event: string, label?: string): void {
		this.#count(event, label);
	}

	/** A job that runs on its own failed and will be tried again. */
	jobFailed(job: string, error: unknown): void {
		this.#emit("error", "job-failed", { job, ...describeError(error) }, job);
	}

	/** Something failed that no refusal foresees: a defect, or the machine. `where` is a route. */
	failed(where: string, error: unknown): void {
		this.#emit("error", "failed", { where, ...describeError(error) }, where);
	}

	#emit(level: Level, event: string, fields: Fields, label?: string): void {
		this.#count(event, label);
		try {
			this.#write(JSON.stringify({ time: new Date(this.#clock.now()).toISOString(), level, event, ...fields }));
		} catch {
			// A log that can not be written must not stop a page.
		}
	}

	#count(event: string, label?: string): void {
		const name = label === undefined ? event : `${event}{${label}}`;
		this.#counters.set(name, (this.#counters.get(name) ?? 0) + 1);
	}
}

/** Errors of engines may quote what they choked on. Runs of digits could be a number or a code. */
function describeError(error: unknown): Fields {
	if (!(error instanceof Error)) return { error: withoutDigits(String(error)) };
	const { code } = error as { code?: unknown };
	return {
		error: withoutDigits(`${error.name}: ${error.message}`),
		...(typeof code === "string" && { code }),
		stack: withoutDigits(error.stack?.split("\n").slice(1, 12).join("\n") ?? ""),
		...(error.cause !== undefined && { cause: withoutDigits(String(error.cause)) }),
	};
}

function withoutDigits(text: string): string {
	return text.replaceAll(/\d[\d\s().-]{4,}\d/g, "…");
}
