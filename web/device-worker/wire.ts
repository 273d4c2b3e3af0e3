/**
 * What tabs and workers of one origin say to each other. Both ends are our own code of the same build or of two
 * builds side by side (a tab that was opened before an update), so everything unknown is ignored.
 */
import { ArchiveError, type ArchiveErrorCode } from "@troth/client/archive/archive-error.ts";
import { Untrusted, type UntrustedCode } from "@troth/client/identity/untrusted.ts";
import type { StateFailed } from "@troth/client/state/local-state.ts";
import { Refusal, type RefusalCode, type RefusalFields } from "@troth/protocol";
import type { HostEvent, HostState, MethodName } from "./host.ts";

export interface Call {
	readonly kind: "call";
	readonly id: number;
	readonly method: MethodName;
	readonly args: readonly unknown[];
}

export type Outcome =
	| { readonly ok: true; readonly value: unknown }
	| {
			readonly ok: false;
			readonly code: string;
			readonly message: string;
			readonly fields: Omit<RefusalFields, "cause">;
	  };

export interface Result {
	readonly kind: "result";
	readonly id: number;
	readonly outcome: Outcome;
}

/** From a worker to its own tab. */
export type ToTab = Result | { readonly kind: "event"; readonly event: HostEvent };

/** Between the workers of all tabs. */
export type BetweenWorkers =
	/** Who leads? */
	| { readonly kind: "who" }
	/** I do; also the answer to `who`. */
	| { readonly kind: "leader"; readonly leader: string; readonly state: HostState }
	| {
			readonly kind: "remote-call";
			readonly leader: string;
			readonly from: string;
			readonly call: Call;
	  }
	| { readonly kind: "remote-result"; readonly to: string; readonly result: Result }
	| { readonly kind: "leader-event"; readonly leader: string; readonly event: HostEvent };

/** The tab that carried this call out closed before it answered; it may have happened or not. */
export class HandedOver extends Error {
	override readonly name = "HandedOver";
	readonly code = "HANDED_OVER";

	constructor() {
		super("the tab that served this call closed before it answered");
	}
}

/** Before the codes of what does not verify: they are not the server's. */
const UNTRUSTED = "UNTRUSTED ";
const ARCHIVE = "ARCHIVE ";

export function toOutcome(error: unknown): Outcome {
	if (error instanceof Refusal) return { ok: false, code: error.code, message: error.message, fields: error.fields };
	if (error instanceof Untrusted)
		return { ok: false, code: `${UNTRUSTED}${error.code}`, message: error.message, fields: {} };
	if (error instanceof ArchiveError)
		return { ok: false, code: `${ARCHIVE}${error.code}`, message: error.message, fields: {} };
	if (isStateFailed(error)) return { ok: false, code: error.code, message: error.message, fields: {} };
	if (error instanceof HandedOver) return { ok: false, code: error.code, message: error.message, fields: {} };
	return { ok: false, code: "INTERNAL", message: error instanceof Error ? error.message : String(error), fields: {} };
}

/** By its name: the class would bring the whole local state into the page, which has none. */
function isStateFailed(error: unknown): error is StateFailed {
	return error instanceof Error && error.name === ("StateFailed" satisfies StateFailed["name"]);
}

export function fromOutcome(outcome: Outcome & { readonly ok: false }): Error {
	if (outcome.code === "HANDED_OVER") return new HandedOver();
	if (outcome.code.startsWith(UNTRUSTED))
		return new Untrusted(outcome.code.slice(UNTRUSTED.length) as UntrustedCode, outcome.message);
	if (outcome.code.startsWith(ARCHIVE))
		return new ArchiveError(outcome.code.slice(ARCHIVE.length) as ArchiveErrorCode, outcome.message);
	return new Refusal(outcome.code as RefusalCode, outcome.message, outcome.fields);
}
