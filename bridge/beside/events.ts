/** What happened, for the operator: one line of JSON per business event. No host id, no account, no number, no token. */
import type { Clock } from "@troth/protocol";
import { describeError, EventLog, type LogSink } from "@troth/protocol/event-log.ts";
import type { NarrowingFigures } from "../consent/narrowing.ts";

export class BesideEvents extends EventLog {
	/** Lines go to standard error where nothing else is said. */
	constructor(clock: Clock, write: LogSink = (line) => process.stderr.write(`${line}\n`)) {
		super(clock, write);
	}

	started(url: string): void {
		this.emit("info", "beside-started", { url });
	}

	stopped(): void {
		this.emit("info", "beside-stopped", {});
	}

	termsPublished(version: number): void {
		this.emit("info", "terms-published", { version });
	}

	/** What a version takes away was taken from everybody who had accepted an earlier one. */
	termsNarrowed({ version, accounts, yeses, recalls }: NarrowingFigures): void {
		this.emit("info", "terms-narrowed", { version, accounts, yeses, recalls });
	}

	termsFileDiffers(version: number): void {
		this.emit("warn", "terms-file-differs", { version });
	}

	/** A person's first visit, or one that starts anew. */
	personOpened(why: "first-visit" | "anew"): void {
		this.emit("info", "person-opened", { why }, why);
	}

	/** Everything is taken back and forgotten. */
	personEnded(why: "deleted" | "swept" | "anew"): void {
		this.emit("info", "person-ended", { why }, why);
	}

	/** What stands is shared again, because a fact is another one. */
	sharedAnew(why: "told" | "swept"): void {
		this.emit("info", "shared-anew", { why }, why);
	}

	noticeDisplayed(version: number): void {
		this.emit("info", "notice-displayed", { version });
	}

	termsAccepted(version: number): void {
		this.emit("info", "terms-accepted", { version });
	}

	purposesDecided(granted: number, refused: number): void {
		this.emit("info", "purposes-decided", { granted, refused });
	}

	/** Counted only: the host is told who it was. */
	objected(purpose: string): void {
		this.count("objected", purpose);
	}

	/** A request was not answered as asked. */
	refused(code: string): void {
		this.count("refused", code);
	}

	/** Somebody signed a call of the host's with another secret, or much too late. */
	hostCallRefused(why: "signature" | "time"): void {
		this.emit("warn", "host-call-refused", { why }, why);
	}

	sweepEnded(looked: number, gone: number, changed: number): void {
		this.emit("info", "sweep-ended", { looked, gone, changed });
	}

	/** The host has lost so many people at once that it is more likely a mistake: nothing was done. */
	sweepImplausible(looked: number, gone: number): void {
		this.emit("error", "sweep-implausible", { looked, gone });
	}

	/** The host does not answer; looked again later. */
	hostUnavailable(): void {
		this.emit("warn", "host-unavailable", {});
	}

	jobFailed(job: string, error: unknown): void {
		this.emit("error", "job-failed", { job, ...describeError(error) });
	}

	failed(where: string, error: unknown): void {
		this.emit("error", "failed", { where, ...describeError(error) });
	}
}
