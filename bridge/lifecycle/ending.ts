/** What ends a yes that nobody took back: other words, stricter rules, and a version that takes away what was agreed. */
import { isBarred, isResidual, optOutHolds, USAGE } from "@troth/protocol";
import { ruleOf } from "../decision/decide.ts";
import type { CompiledPurpose, Policy } from "../policy/policy.ts";
import type { Choice, Effect, Lifecycle } from "./lifecycle.ts";
import { factsOf } from "./person.ts";

const LINKING = "account_linking";

export interface Ended {
	readonly state: Lifecycle;
	readonly effects: readonly Effect[];
}

/**
 * Ends every yes that does not stand any more, and takes back what was shared under it: one to words that the accepted
 * version does not have, and one that the rules do not take from this person. It does not come back by itself. What was
 * said under a pseudonym is taken back where only sums may be made from now on.
 */
export function endUntenable(before: Lifecycle, state: Lifecycle): Ended {
	const ended = endWhere(state, (purpose, choice) => {
		const sameWords = state.accepted?.policy.purposes.get(purpose)?.hash === choice.purposeHash;
		return !sameWords || !isTaken(state, purpose, choice.shownOn);
	});
	if (!isSumsOnly(state) || isSumsOnly(before)) return ended;
	const recipients = state.accepted?.policy.purposes.get(USAGE)?.recipients ?? [];
	return { ...ended, effects: [...ended.effects, ...rows("recall", USAGE, { generation: 0, recipients })] };
}

/**
 * A version came into force that this person has not accepted: what it takes away of what was agreed ends now, and comes
 * back. What it adds, or only words anew, ends nothing: until they accept, what was given stays under the words it was
 * given to, and nothing new is given (B8).
 */
export function endTakenAway(state: Lifecycle, by: Policy): Ended {
	const { accepted } = state;
	if (accepted === undefined || accepted.policy.version >= by.version) return { state, effects: [] };
	const under = { ...state, current: by };
	const ended = endWhere(state, (purpose, choice) => {
		const then = accepted.policy.purposes.get(purpose);
		const now = by.purposes.get(purpose);
		if (then === undefined || now === undefined || !covers(now, { ...then, recipients: choice.recipients }))
			return true;
		return !isTaken(under, purpose, choice.shownOn) || (choice.shownOn && now.basis !== then.basis);
	});
	const sums = isSumsOnly(under) && !isSumsOnly({ ...state, current: accepted.policy });
	const residual = [...accepted.policy.purposes.values()].flatMap((then) => {
		if (!isResidual(then.id)) return [];
		const now = by.purposes.get(then.id);
		const all = now === undefined || !covers(now, { ...then, recipients: [] }) || (then.id === USAGE && sums);
		const recipients = then.recipients.filter((recipient) => all || !now.recipientSet.has(recipient));
		return rows("recall", then.id, { generation: 0, recipients });
	});
	return { state: ended.state, effects: [...ended.effects, ...residual] };
}

/**
 * Could `by` take anything from who accepted `from`? False means that nobody has to be looked at; what it does to one
 * person says `endTakenAway`.
 */
export function mayTakeAway(from: Policy, by: Policy): boolean {
	const rebased = [...from.purposes.values()].some(({ id, basis }) => by.purposes.get(id)?.basis !== basis);
	const places = ({ file: { rules, regions } }: Policy) => JSON.stringify([rules, regions]);
	return rebased || takenAway(from, by).length > 0 || places(from) !== places(by);
}

/** The purposes that `by` takes away, in whole or in part, from whoever accepted `from`. */
export function takenAway(from: Policy, by: Policy): readonly CompiledPurpose[] {
	return [...from.purposes.values()].filter((then) => {
		const now = by.purposes.get(then.id);
		return now === undefined || !covers(now, then);
	});
}

/** Does it hold all that the other one held, and for as long? */
function covers(now: CompiledPurpose, then: Pick<CompiledPurpose, "fields" | "recipients" | "retentionDays">): boolean {
	return (
		then.fields.every((field) => now.fieldSet.has(field)) &&
		then.recipients.every((recipient) => now.recipientSet.has(recipient)) &&
		now.retentionDays >= then.retentionDays
	);
}

function endWhere(state: Lifecycle, ends: (purpose: string, choice: Choice) => boolean): Ended {
	const choices = new Map(state.choices);
	const effects: Effect[] = [];
	for (const [purpose, choice] of state.choices) {
		if (choice.state !== "granted" || !ends(purpose, choice)) continue;
		choices.set(purpose, { ...choice, state: "withdrawn", decidedAtMs: state.timeMs, eventId: "" });
		effects.push(...endOf(purpose, choice));
	}
	return { state: { ...state, choices }, effects };
}

function isSumsOnly({ current, accepted, person }: Lifecycle): boolean {
	return ruleOf({ current, accepted: accepted?.policy, person: factsOf(person) }).usageMetrics === "aggregates";
}

/** Did the person say no? A yes that ended without them is none: its event is empty. */
export function isNo(choice: Pick<Choice, "state" | "eventId"> | undefined): boolean {
	return choice !== undefined && choice.state !== "granted" && choice.eventId !== "";
}

/** Do the rules take a yes to this purpose, shown like this, from this person? */
export function isTaken({ current, accepted, person }: Lifecycle, purpose: string, shownOn: boolean): boolean {
	const facts = factsOf(person);
	if (isBarred(purpose, facts)) return false;
	if (!shownOn) return true;
	const optOut = accepted?.policy.purposes.get(purpose)?.basis === "opt_out";
	return optOut && optOutHolds(ruleOf({ current, accepted: accepted?.policy, person: facts }), facts);
}

/** What follows when a yes ends. */
export function endOf(purpose: string, choice: Choice): readonly Effect[] {
	const unlinked: readonly Effect[] = purpose === LINKING ? [{ type: "unlinked" }] : [];
	return [...rows("recall", purpose, choice), ...unlinked];
}

/** A row for the door for each recipient. */
export function rows(
	kind: "share" | "recall",
	purpose: string,
	{ generation, recipients }: Pick<Choice, "generation" | "recipients">,
): readonly Effect[] {
	return recipients.map((recipient) => ({ type: "outbox", kind, purpose, recipient, generation }) as const);
}
