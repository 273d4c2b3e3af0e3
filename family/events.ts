/**
 * What happened, for the operator: one helper per business event, each a line of JSON in the log and a counter. They
 * never throw, and they never carry a number, a name, an address, a subject, a token or a tag: the types have no place
 * for one, and the text of unexpected errors is stripped of digits before it is written.
 */
import type { Clock } from "@troth/protocol";
import { describeError, type EventFields, EventLog, type LogSink } from "@troth/protocol/event-log.ts";

export class Events extends EventLog {
	/** Lines go to standard error where nothing else is said. */
	constructor(clock: Clock, write: LogSink = (line) => process.stderr.write(`${line}\n`)) {
		super(clock, write);
	}

	started(settings: EventFields): void {
		this.emit("info", "started", settings);
	}

	stopped(): void {
		this.emit("info", "stopped", {});
	}

	signedUp(): void {
		this.emit("info", "signed-up", {});
	}

	loggedIn(outcome: "right" | "wrong" | "limited"): void {
		this.emit("info", "logged-in", { outcome }, outcome);
	}

	codeChecked(outcome: "right" | "wrong" | "locked" | "expired"): void {
		this.emit("info", "code-checked", { outcome }, outcome);
	}

	/** One item of a bridge was answered; `reason` where it was refused. */
	tookIn(purpose: string, outcome: string, reason?: string): void {
		this.emit("info", "took-in", { purpose, outcome, reason }, outcome);
	}

	/** The log of receipts has something to tell: a witness that does not answer. */
	logSaid(line: string): void {
		this.emit("info", "receipts-log", { line });
	}

	/** Counted only. */
	refused(code: string): void {
		this.count("refused", code);
	}

	/** Something that is counted and nothing else: of the parts that bring their own words (ads, audiences). */
	counted(event: string, label?: string): void {
		this.count(event, label);
	}

	/** A job that runs on its own failed and will be tried again. */
	jobFailed(job: string, error: unknown): void {
		this.emit("error", "job-failed", { job, ...describeError(error) }, job);
	}

	/** Something failed that no refusal foresees: a defect, or the machine. `where` is a route. */
	failed(where: string, error: unknown): void {
		this.emit("error", "failed", { where, ...describeError(error) }, where);
	}
}
