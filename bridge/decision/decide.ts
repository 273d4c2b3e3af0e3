/**
 * May this field of this person go to this recipient for this purpose, now? A pure function over the compiled policies;
 * the messenger shows people its answers, and the door acts on them. Everything that is not permitted is denied.
 *
 * A published version can only narrow until it is accepted (B8): the purpose has to be in the accepted version and in
 * the one in force under the same hash. What a person refused never flows, whatever the basis.
 */
import type { Basis, Field, Purpose } from "@troth/protocol";
import type { Policy } from "../policy/policy.ts";

/** Where a person stands with the service; `bridge/lifecycle` computes it. */
export type Phase = "ACTIVE" | "PENDING" | "SUSPENDED" | "CLOSED";

/** A person's answer about one purpose. `unset`: never asked, or never answered. */
export type ChoiceState = "unset" | "granted" | "refused" | "withdrawn";

export interface DecisionInput {
	readonly purpose: string;
	readonly field: string;
	readonly recipient: string;
	/** The version in force. */
	readonly current: Policy;
	/** The version that the person accepted last. */
	readonly accepted: Policy | undefined;
	readonly phase: Phase;
	/** When it was accepted. */
	readonly acceptedAtMs: number | undefined;
	/** Undefined where no answer was ever recorded. `purposeHash`: 64 hex digits. */
	readonly choice:
		| { readonly state: ChoiceState; readonly purposeHash: string; readonly generation: number }
		| undefined;
	readonly nowMs: number;
}

export type DenyReason =
	| "CLOSED"
	| "SUSPENDED"
	| "NOT_ACCEPTED"
	/** Not in the version in force. */
	| "PURPOSE_NOT_CURRENT"
	/** In force, and not in what the person accepted. */
	| "PURPOSE_NOT_ACCEPTED"
	/** In both, and not in the same words. */
	| "PURPOSE_CHANGED"
	| "FIELD_NOT_LISTED"
	| "RECIPIENT_NOT_LISTED"
	| "REFUSED"
	| "WITHDRAWN"
	/** The basis is consent and there is no yes. */
	| "NOT_GRANTED"
	/** The yes was to other words. */
	| "GRANT_OUTDATED"
	/** The embargo of an `opt_out`; `fromMs` says until when. */
	| "EMBARGO";

export type Decision =
	| { readonly permit: true; readonly basis: Basis; readonly generation: number }
	| { readonly permit: false; readonly reason: DenyReason; readonly fromMs?: number };

const DAY_MS = 24 * 3600 * 1000;

/** Purposes that protect others and that no deadline stops: abuse that is under way does not wait for acceptance. */
const WHILE_SUSPENDED: ReadonlySet<Purpose> = new Set(["spam_and_abuse", "security", "infringement"]);

/** Total and deterministic; never throws. */
export function decide(input: DecisionInput): Decision {
	const { current, accepted, phase, choice } = input;
	if (phase === "CLOSED") return deny("CLOSED");
	if (accepted === undefined || input.acceptedAtMs === undefined) return deny("NOT_ACCEPTED");
	const now = current.purposes.get(input.purpose);
	if (now === undefined) return deny("PURPOSE_NOT_CURRENT");
	const then = accepted.purposes.get(input.purpose);
	if (then === undefined) return deny("PURPOSE_NOT_ACCEPTED");
	if (then.hash !== now.hash) return deny("PURPOSE_CHANGED");
	if (phase === "SUSPENDED" && !WHILE_SUSPENDED.has(then.id)) return deny("SUSPENDED");
	if (!then.fieldSet.has(input.field as Field)) return deny("FIELD_NOT_LISTED");
	if (!then.recipientSet.has(input.recipient)) return deny("RECIPIENT_NOT_LISTED");
	if (choice?.state === "refused") return deny("REFUSED");
	if (choice?.state === "withdrawn") return deny("WITHDRAWN");
	const granted = choice?.state === "granted";
	if (then.basis === "consent" && !granted) return deny("NOT_GRANTED");
	if (granted && choice.purposeHash !== then.hash) return deny("GRANT_OUTDATED");
	const fromMs = flowsFromMs(then, input.acceptedAtMs);
	if (input.nowMs < fromMs) return { permit: false, reason: "EMBARGO", fromMs };
	return { permit: true, basis: then.basis, generation: choice?.generation ?? 0 };
}

/** When the embargo of a purpose ends for who accepted it at this time; 0 where it has none. */
export function flowsFromMs(
	purpose: { readonly basis: Basis; readonly embargoDays?: number },
	acceptedAtMs: number,
): number {
	return purpose.basis === "opt_out" ? acceptedAtMs + (purpose.embargoDays ?? 0) * DAY_MS : 0;
}

function deny(reason: DenyReason): Decision {
	return { permit: false, reason };
}
