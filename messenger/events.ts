/**
 * What happened, for the operator: one helper per business event, each a line of JSON in the log and a counter. They
 * never throw, and they never carry a number, a token, a code or content: the types have no place for one, and the
 * text of unexpected errors is stripped of digits before it is written. Counters have few labels, all from closed sets.
 */
import type { NarrowingFigures } from "@troth/bridge";
import type { AbusePurpose, AccountId, Clock, DeviceId, RefusalCode, ReportReason } from "@troth/protocol";
import { describeError, type EventFields, EventLog, type LogSink } from "@troth/protocol/event-log.ts";

export type { LogSink };

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

	/** A code went out to a number. */
	codeSent(how: "first" | "again"): void {
		this.emit("info", "code-sent", { how }, how);
	}

	codeChecked(outcome: "right" | "wrong" | "locked" | "expired"): void {
		this.emit("info", "code-checked", { outcome }, outcome);
	}

	registrationLock(how: "set" | "removed" | "opened" | "wrong-pin"): void {
		this.emit("info", "registration-lock", { how }, how);
	}

	accountCreated(account: AccountId, device: DeviceId): void {
		this.emit("info", "account-created", { account, device });
	}

	/** The number of this account was registered anew: the account is gone. */
	accountReplaced(account: AccountId): void {
		this.emit("info", "account-replaced", { account });
	}

	/** Its person asked for it: the account is gone. */
	accountDeleted(account: AccountId): void {
		this.emit("info", "account-deleted", { account });
	}

	/** A suspended account was warned that it ends; which one stands with the account. */
	absenceWarned(warning: number): void {
		this.emit("info", "absence-warned", { warning }, `${warning}`);
	}

	/** It was suspended, and none of its devices came for long, in spite of two warnings: the account is gone. */
	accountAbsent(account: AccountId): void {
		this.emit("info", "account-absent", { account });
	}

	/** The same account, and everything of it, has another number from now on. */
	numberChanged(account: AccountId): void {
		this.emit("info", "number-changed", { account });
	}

	deviceListChanged(account: AccountId, added: readonly DeviceId[], removed: readonly DeviceId[]): void {
		this.emit("info", "device-list-changed", { account, added, removed });
	}

	/** The operator made this account a business. */
	businessApproved(account: AccountId): void {
		this.emit("info", "business-approved", { account });
	}

	/** Counted only: whom somebody deals with is nobody's business. */
	businessPreferenceSet(permission: "unset" | "allowed" | "stopped"): void {
		this.count("business-preference-set", permission);
	}

	termsPublished(version: number): void {
		this.emit("info", "terms-published", { version });
	}

	/** What a version takes away was taken from everybody who had accepted an earlier one. */
	termsNarrowed({ version, accounts, yeses, recalls }: NarrowingFigures): void {
		this.emit("info", "terms-narrowed", { version, accounts, yeses, recalls });
	}

	/** Every device has been told of this version. */
	termsRolledOut(version: number): void {
		this.emit("info", "terms-rolled-out", { version });
	}

	/** The policy file on disk is not the one that people accepted under this version. */
	termsFileDiffers(version: number): void {
		this.emit("warn", "terms-file-differs", { version });
	}

	termsAccepted(account: AccountId, version: number): void {
		this.emit("info", "terms-accepted", { account, version }, `v${version}`);
	}

	noticeDisplayed(account: AccountId, version: number): void {
		this.emit("info", "notice-displayed", { account, version }, `v${version}`);
	}

	/** Counted only: what somebody chose is in the records, with its evidence, and not in a log. */
	purposesDecided(granted: number, refused: number): void {
		for (let n = 0; n < granted; n++) this.count("purpose-decided", "granted");
		for (let n = 0; n < refused; n++) this.count("purpose-decided", "refused");
	}

	/** The operator acted upon this account. */
	accountLimited(purpose: AbusePurpose): void {
		this.count("account-limited", purpose);
	}

	/** Counted only: who objected stands in the operator's list. */
	objected(purpose: AbusePurpose): void {
		this.count("objected", purpose);
	}

	/** Counted only: who reported whom stands in the operator's list. */
	reported(reason: ReportReason): void {
		this.count("reported", reason);
	}

	/** Counted only: a device that is away for long had more waiting than is kept for one. */
	backlogCut(): void {
		this.count("backlog-cut");
	}

	/** Counted only: a wake-up went out, or did not. Where to is nobody's business. */
	wakeUp(outcome: "sent" | "gone" | "refused" | "later" | "unreachable"): void {
		this.count("wake-up", outcome);
	}

	/** A session was opened with a signature. Counted only: this happens thousands of times a second. */
	loggedIn(): void {
		this.count("logged-in");
	}

	/** Counted only, by method outcome. */
	refused(code: RefusalCode): void {
		this.count("refused", code);
	}

	/** A job that runs on its own failed and will be tried again. */
	jobFailed(job: string, error: unknown): void {
		this.emit("error", "job-failed", { job, ...describeError(error) }, job);
	}

	/** Something failed that no refusal foresees: a defect, or the machine. `where` is a method's name. */
	failed(where: string, error: unknown): void {
		this.emit("error", "failed", { where, ...describeError(error) }, where);
	}
}
