/**
 * May this field of this person go to this recipient for this purpose, now? A pure function over the compiled policies;
 * the messenger shows people its answers, and the door acts on them. Everything that is not permitted is denied.
 *
 * A published version can only narrow until it is accepted (B8): the purpose has to be in the accepted version and in
 * the one in force under the same hash. What a person refused never flows, whatever the basis. Of the rules about
 * regions and minors the strictest holds, of both versions and of all regions that apply to the person (B11).
 */
import {
	type Basis,
	type Field,
	isBarred,
	optOutHolds,
	type PersonFacts,
	type Purpose,
	type Rule,
	stricter,
} from "@troth/protocol";
import { isChoice } from "../policy/lint.ts";
import { type Policy, strictestRule } from "../policy/policy.ts";

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
	/** Since when the purpose's words were agreed to without a break, where that was with an earlier version. */
	readonly agreedAtMs?: number | undefined;
	/** Undefined where no answer was ever recorded. */
	readonly choice:
		| {
				readonly state: ChoiceState;
				/** 64 hex digits. */
				readonly purposeHash: string;
				readonly generation: number;
				/** The control stood on before the person touched it. */
				readonly shownOn: boolean;
		  }
		| undefined;
	readonly person: PersonFacts;
	/** It is made of many people at once, and about nobody. */
	readonly sums?: boolean | undefined;
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
	/** Not for minors, whatever they answered. */
	| "MINOR"
	| "REFUSED"
	| "WITHDRAWN"
	/** Nothing is recorded that could be one: no yes and, under `opt_out`, no going on with a control that stood on. */
	| "NOT_GRANTED"
	/** The yes was to other words. */
	| "GRANT_OUTDATED"
	/** The yes was to a control that was shown as on, and that is none for this person. */
	| "PRE_TICKED"
	/** The embargo of an `opt_out`; `fromMs` says until when. */
	| "EMBARGO"
	/** Everything else permits it, but where this person lives only sums over many people may be made of it. */
	| "AGGREGATES_ONLY";

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
	if (isBarred(then.id, input.person)) return deny("MINOR");
	if (choice?.state === "refused") return deny("REFUSED");
	if (choice?.state === "withdrawn") return deny("WITHDRAWN");
	const granted = choice?.state === "granted";
	const rule = ruleOf(input);
	const asked = then.basis === "consent" || (then.basis === "opt_out" && !optOutHolds(rule, input.person));
	// Under an opt-out, too: who leaves the control as it is shown goes on with it, and it is that which is recorded.
	if (isChoice(then.basis) && !granted) return deny("NOT_GRANTED");
	if (granted && choice.purposeHash !== then.hash) return deny("GRANT_OUTDATED");
	if (asked && choice?.shownOn) return deny("PRE_TICKED");
	// The words that were agreed to promise it, also to who was asked for a consent.
	const fromMs = flowsFromMs(then, input.agreedAtMs ?? input.acceptedAtMs);
	if (input.nowMs < fromMs) return { permit: false, reason: "EMBARGO", fromMs };
	if (then.id === "usage_metrics" && rule.usageMetrics === "aggregates" && !input.sums) return deny("AGGREGATES_ONLY");
	return { permit: true, basis: asked ? "consent" : then.basis, generation: choice?.generation ?? 0 };
}

/** What holds for a person: the stricter of the version in force and of the accepted one, because both have to permit. */
export function ruleOf({ current, accepted, person }: Pick<DecisionInput, "current" | "accepted" | "person">): Rule {
	const now = strictestRule(current, person);
	return accepted === undefined || accepted === current ? now : stricter(now, strictestRule(accepted, person));
}

/** When the embargo of a purpose ends for who agreed to its words at this time; 0 where it has none. */
export function flowsFromMs(
	purpose: { readonly basis: Basis; readonly embargoDays?: number },
	agreedAtMs: number,
): number {
	return purpose.basis === "opt_out" ? agreedAtMs + (purpose.embargoDays ?? 0) * DAY_MS : 0;
}

function deny(reason: DenyReason): Decision {
	return { permit: false, reason };
}
