/**
 * What happened at the door, for the operator: one line of JSON per business event. No number, no value of a field, no
 * token and no account: what concerns one record is named by its leaf index, which the public log shows anyway.
 */
import type { Clock } from "@troth/protocol";
import { describeError, EventLog, type LogSink, withoutDigits } from "@troth/protocol/event-log.ts";

export type { LogSink };

export class DoorEvents extends EventLog {
	/** Lines go to standard error where nothing else is said. */
	constructor(clock: Clock, write: LogSink = (line) => process.stderr.write(`${line}\n`)) {
		super(clock, write);
	}

	started(url: string, log: string): void {
		this.emit("info", "door-started", { url, log });
	}

	stopped(): void {
		this.emit("info", "door-stopped", {});
	}

	/** A batch stands in the log; how many of its leaves are padding is nobody's business. */
	batchWritten(size: number): void {
		this.emit("info", "batch-written", { size });
	}

	/** A row of the outbox became no record: it was not permitted at that moment, or there was nothing to recall. */
	notRecorded(purpose: string, recipient: string, reason: string): void {
		this.emit("info", "not-recorded", { purpose, recipient, reason });
	}

	/** It was in the log and did not leave. */
	withheld(leaf: number, recipient: string, reason: string): void {
		this.emit("info", "withheld", { leaf, recipient, reason });
	}

	answered(leaf: number, kind: "share" | "recall", recipient: string, outcome: string, afterMs: number): void {
		this.emit("info", "answered", { leaf, kind, recipient, outcome, afterMs });
	}

	/** The recipient will not take it: somebody has to look. */
	refused(leaf: number, kind: "share" | "recall", recipient: string, reason: string): void {
		this.emit("warn", "refused", { leaf, kind, recipient, reason: withoutDigits(reason.slice(0, 200)) });
	}

	/** An answer that proves nothing; it does not count and the item is sent again. */
	receiptInvalid(leaf: number, recipient: string, reason: string): void {
		this.emit("warn", "receipt-invalid", { leaf, recipient, reason });
	}

	recipientFailed(recipient: string, failures: number, nextAtMs: number, error: unknown): void {
		this.emit("warn", "recipient-failed", { recipient, failures, nextAtMs, ...describeError(error) });
	}

	/** The list of labels of a recipient changed; those without a proof do not count. */
	labelsTaken(recipient: string, proved: number, unproved: number): void {
		this.emit("info", "labels-taken", { recipient, proved, unproved });
	}

	labelsFailed(recipient: string, error: unknown): void {
		this.emit("warn", "labels-failed", { recipient, ...describeError(error) });
	}

	/** What the tile log says of witnesses that do not do their part. */
	logSays(line: string): void {
		this.emit("warn", "log-not-witnessed", { line });
	}

	/** Nothing is left that has to be kept about an account that is gone. */
	chainForgotten(): void {
		this.emit("info", "chain-forgotten", {});
	}

	failed(job: string, error: unknown): void {
		this.emit("error", "job-failed", { job, ...describeError(error) });
	}
}
