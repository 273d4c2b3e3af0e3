/**
 * The life of one person with the terms, as a pure reducer: which version holds, until when a newer one has to be
 * accepted, what they answered per purpose, and what the door has to do about it.
 *
 * Times are UTC milliseconds of the server, a deadline is exactly 30 times 24 hours after its notice, and something is
 * in time iff t < deadline: no calendar, no zones. Phases are computed when they are asked for, so that nothing has to
 * run at a deadline for it to hold. Time never goes back: an event from before the last one counts as happening with it.
 */
import { CATALOGUE, type CatalogueRow, hasObjection, type Purpose } from "@troth/protocol";
import type { ChoiceState, Phase } from "../decision/decide.ts";
import { isChoice } from "../policy/lint.ts";
import type { Policy } from "../policy/policy.ts";
import { type Ended, endOf, endTakenAway, endUntenable, isNo, isTaken, rows } from "./ending.ts";
import { type Person, UNKNOWN_PERSON } from "./person.ts";

/** How long a displayed version may stay unanswered, and how long the choices stay prominent after acceptance (B2, B3). */
export const TERMS_WINDOW_MS = 30 * 24 * 3600 * 1000;

export interface Choice {
	readonly state: Exclude<ChoiceState, "unset">;
	/** What was decided upon, 64 hex digits. */
	readonly purposeHash: string;
	/** The last generation that was granted; 0 for none. */
	readonly generation: number;
	readonly decidedAtMs: number;
	/** Of the decision; empty where the yes ended without the person: other words, stricter rules. */
	readonly eventId: string;
	/** Whom the last grant named. */
	readonly recipients: readonly string[];
	/** The control of the last grant stood on before the person touched it (`opt_out`). */
	readonly shownOn: boolean;
}

/** The newest version that a device displayed and that is not accepted. */
export interface Notice {
	readonly version: number;
	readonly displayedAtMs: number;
	readonly deadlineMs: number;
}

/** The version that was accepted last. */
export interface Accepted {
	readonly policy: Policy;
	readonly atMs: number;
	/**
	 * By purpose, since when its words were agreed to without a break: only where that was with an earlier version. The
	 * embargo of an `opt_out` is over once, and does not begin again with every version (H2).
	 */
	readonly agreedAtMs: ReadonlyMap<string, number>;
}

export interface Lifecycle {
	/** The version in force. */
	readonly current: Policy;
	readonly accepted: Accepted | undefined;
	readonly notice: Notice | undefined;
	readonly closed: boolean;
	readonly person: Person;
	/** By purpose; a purpose without an answer is not in here. */
	readonly choices: ReadonlyMap<string, Choice>;
	/** Event ids of decisions that are recorded; who loads a state may leave out all but those that matter next. */
	readonly decided: ReadonlySet<string>;
	/** The latest time that was counted with. */
	readonly timeMs: number;
}

export interface DecidedPurpose {
	readonly purpose: string;
	readonly granted: boolean;
	/** Grants: 64 hex digits, the purpose as it is in force. */
	readonly purposeHash: string;
	/** Grants: one more than the last granted generation. */
	readonly generation: number;
}

export type LifecycleEvent =
	| { readonly type: "published"; readonly policy: Policy; readonly atMs: number }
	/** A version that came into force is held against what this person agreed to: `endTakenAway`. */
	| { readonly type: "narrowed"; readonly by: Policy; readonly atMs: number }
	| { readonly type: "displayed"; readonly version: number; readonly atMs: number }
	| { readonly type: "accepted"; readonly version: number; readonly atMs: number }
	/** All of its purposes or none. */
	| {
			readonly type: "decided";
			readonly eventId: string;
			readonly decisions: readonly DecidedPurpose[];
			/** The controls stood on before the person touched them. */
			readonly shownOn: boolean;
			readonly atMs: number;
	  }
	/** They live elsewhere, or are of another age, than was known: what is no longer allowed ends, and nothing begins. */
	| { readonly type: "moved"; readonly person: Partial<Person>; readonly atMs: number }
	/** The account has another number: what carried the old one is taken back, and what is renewed goes on anew. */
	| {
			readonly type: "renumbered";
			readonly eventId: string;
			/** Yeses of this very moment, each with its next generation. What is not in here ends. */
			readonly renewed: readonly DecidedPurpose[];
			readonly numberRegion: string | undefined;
			readonly atMs: number;
	  }
	| { readonly type: "tick"; readonly atMs: number }
	| { readonly type: "deleted"; readonly atMs: number };

export type Effect =
	/** A row for the door, in this order. */
	| {
			readonly type: "outbox";
			readonly kind: "share" | "recall";
			readonly purpose: string;
			readonly recipient: string;
			readonly generation: number;
	  }
	/** The link is no more, and what was learned by it goes. */
	| { readonly type: "unlinked" };

/** Why an event did not happen. Nothing but the time has changed then. */
export type LifecycleRefusal =
	| "CLOSED"
	/** Another version is in force: it has to be shown and accepted. */
	| "VERSION_NOT_IN_FORCE"
	/** No such purpose, or other words than those in force, or nothing to choose about. */
	| "PURPOSE_UNKNOWN"
	/** The version that was accepted does not have the purpose in these words. */
	| "NOT_ACCEPTED"
	/** A yes that the rules for this person's region or age do not take: to this purpose, or to how it was shown. */
	| "NOT_ALLOWED"
	/** The generation is not the next one: another device was faster. */
	| "CONFLICT";

export interface Step {
	readonly state: Lifecycle;
	readonly effects: readonly Effect[];
	readonly refused: LifecycleRefusal | undefined;
}

/** A person who has accepted nothing yet. */
export function newLifecycle(current: Policy, nowMs: number): Lifecycle {
	return {
		current,
		accepted: undefined,
		notice: undefined,
		closed: false,
		person: UNKNOWN_PERSON,
		choices: new Map(),
		decided: new Set(),
		timeMs: nowMs,
	};
}

/** What of a state the phase follows from; a stored one has it without its policies. */
export interface PhaseFacts {
	readonly accepted: unknown;
	readonly notice: Pick<Notice, "deadlineMs"> | undefined;
	readonly closed: boolean;
	readonly timeMs: number;
}

/** ACTIVE also before anything was accepted: there is no older version to hold on to, and no deadline. */
export function phaseAt({ accepted, notice, closed, timeMs }: PhaseFacts, nowMs: number): Phase {
	if (closed) return "CLOSED";
	if (accepted === undefined || notice === undefined) return "ACTIVE";
	return Math.max(nowMs, timeMs) < notice.deadlineMs ? "PENDING" : "SUSPENDED";
}

/** The next state and what has to be done. Total: an event that may not happen is refused, never thrown. */
export function reduce(before: Lifecycle, event: LifecycleEvent): Step {
	const state: Lifecycle = { ...before, timeMs: Math.max(before.timeMs, event.atMs) };
	if (event.type === "published") return done({ ...state, current: event.policy });
	if (event.type === "tick") return done(state);
	if (state.closed) return event.type === "deleted" ? done(state) : refused(state, "CLOSED");
	switch (event.type) {
		case "displayed":
			return done(display(state, event.version));
		case "accepted":
			return accept(state, event.version);
		case "decided":
			return decideAll(state, event);
		case "narrowed":
			return ended(endTakenAway(state, event.by));
		case "moved":
			return ended(endUntenable(state, { ...state, person: { ...state.person, ...event.person } }));
		case "renumbered":
			return renumber(state, event);
		case "deleted":
			return close(state);
	}
}

/** The first display of the version in force starts its 30 days; one that comes too late for an older deadline does not. */
function display(state: Lifecycle, version: number): Lifecycle {
	const { accepted, notice, timeMs } = state;
	if (version !== state.current.version || accepted === undefined || accepted.policy.version >= version) return state;
	if (notice?.version === version) return state;
	const suspended = phaseAt(state, timeMs) === "SUSPENDED";
	const deadlineMs = suspended && notice !== undefined ? notice.deadlineMs : timeMs + TERMS_WINDOW_MS;
	return { ...state, notice: { version, displayedAtMs: timeMs, deadlineMs } };
}

function accept(state: Lifecycle, version: number): Step {
	if (state.accepted?.policy.version === version) return done(state);
	if (version !== state.current.version) return refused(state, "VERSION_NOT_IN_FORCE");
	const lifted = phaseAt(state, state.timeMs) === "SUSPENDED";
	const accepted = { policy: state.current, atMs: state.timeMs, agreedAtMs: agreedBefore(state) };
	const after = endUntenable(state, { ...state, accepted, notice: undefined });
	// What was to be shared while the person was suspended was dropped at the door.
	const effects = lifted
		? [...after.state.choices].flatMap(([purpose, choice]) =>
				choice.state === "granted" ? rows("share", purpose, choice) : [],
			)
		: [];
	return done(after.state, [...after.effects, ...effects]);
}

/** The purposes of the version in force whose words were agreed to with the version before, and since when. */
function agreedBefore({ current, accepted }: Lifecycle): ReadonlyMap<string, number> {
	if (accepted === undefined) return new Map();
	const same = [...current.purposes].filter(([id, { hash }]) => accepted.policy.purposes.get(id)?.hash === hash);
	return new Map(same.map(([id]) => [id, accepted.agreedAtMs.get(id) ?? accepted.atMs]));
}

function decideAll(
	state: Lifecycle,
	{ eventId, decisions, shownOn }: Extract<LifecycleEvent, { readonly type: "decided" }>,
): Step {
	if (state.decided.has(eventId)) return done(state);
	const choices = new Map(state.choices);
	const effects: Effect[] = [];
	for (const decision of decisions) {
		const before = choices.get(decision.purpose);
		if (decision.granted && before !== undefined && liftsObjection(state, decision)) {
			choices.delete(decision.purpose);
			continue;
		}
		const answer = decision.granted ? grant(state, decision, before, shownOn) : refuse(state, decision, before);
		if (answer.refused !== undefined) return refused(state, answer.refused);
		choices.set(decision.purpose, { ...answer.choice, decidedAtMs: state.timeMs, eventId });
		effects.push(...answer.effects);
	}
	const granted = decisions.filter((decision) => decision.granted).map(({ purpose }) => purpose);
	const again = granted.includes(LINKING) ? reshare(choices, granted) : [];
	return done({ ...state, choices, decided: new Set([...state.decided, eventId]) }, [...effects, ...again]);
}

/** Where nobody is asked, a yes is no consent but the end of an objection, and nothing is shared by it alone. */
function liftsObjection({ current }: Lifecycle, { purpose, purposeHash }: DecidedPurpose): boolean {
	const inForce = current.purposes.get(purpose);
	return inForce?.hash === purposeHash && hasObjection(inForce);
}

const LINKING = "account_linking";

type Answer =
	| { readonly refused: LifecycleRefusal }
	| {
			readonly refused?: undefined;
			readonly choice: Omit<Choice, "decidedAtMs" | "eventId">;
			readonly effects: readonly Effect[];
	  };

function grant(state: Lifecycle, decision: DecidedPurpose, before: Choice | undefined, shownOn: boolean): Answer {
	const { purpose, purposeHash, generation } = decision;
	const inForce = state.current.purposes.get(purpose);
	if (inForce?.hash !== purposeHash || !isChoice(inForce.basis)) return { refused: "PURPOSE_UNKNOWN" };
	if (state.accepted?.policy.purposes.get(purpose)?.hash !== purposeHash) return { refused: "NOT_ACCEPTED" };
	// A no stays a no in every version: what was refused is never shown as on, on no device.
	if (!isTaken(state, purpose, shownOn) || (shownOn && isNo(before))) return { refused: "NOT_ALLOWED" };
	if (generation !== (before?.generation ?? 0) + 1) return { refused: "CONFLICT" };
	const { recipients } = inForce;
	return {
		choice: { state: "granted", purposeHash, generation, recipients, shownOn },
		effects: rows("share", purpose, { generation, recipients }),
	};
}

/** A withdrawal names no generation and no words: whatever stands, it ends. */
function refuse(state: Lifecycle, { purpose }: DecidedPurpose, before: Choice | undefined): Answer {
	if (before === undefined) {
		const known = state.current.purposes.get(purpose) ?? state.accepted?.policy.purposes.get(purpose);
		if (known === undefined || !(isChoice(known.basis) || hasObjection(known))) return { refused: "PURPOSE_UNKNOWN" };
		const choice = {
			state: "refused",
			purposeHash: known.hash,
			generation: 0,
			recipients: [],
			shownOn: false,
		} as const;
		// Where nobody was asked it was shared until now; the door knows how much of it.
		return { choice, effects: isChoice(known.basis) ? [] : rows("recall", purpose, { ...known, generation: 0 }) };
	}
	if (before.state !== "granted") return { choice: before, effects: [] };
	return { choice: { ...before, state: "withdrawn" }, effects: endOf(purpose, before) };
}

/** After a link, what a recipient dropped because it knew nobody by the number finds its account. */
function reshare(choices: ReadonlyMap<string, Choice>, justGranted: readonly string[]): readonly Effect[] {
	const linked = choices.get(LINKING)?.recipients ?? [];
	return [...choices].flatMap(([purpose, choice]) => {
		if (choice.state !== "granted" || justGranted.includes(purpose)) return [];
		return rows("share", purpose, { ...choice, recipients: choice.recipients.filter((id) => linked.includes(id)) });
	});
}

/**
 * Everybody who got the old number gives it back, and a yes goes on only where it is renewed in the words it was given
 * to: nothing is granted that did not stand a moment before. A link was made on a device and names no number: it stays.
 */
function renumber(
	before: Lifecycle,
	{ eventId, renewed, numberRegion }: Extract<LifecycleEvent, { readonly type: "renumbered" }>,
): Step {
	if (before.decided.has(eventId)) return done(before);
	const state: Lifecycle = { ...before, person: { ...before.person, numberRegion } };
	const choices = new Map(state.choices);
	const recalls: Effect[] = [];
	const shares: Effect[] = [];
	const decided = { decidedAtMs: state.timeMs, eventId };
	const yeses = new Map(renewed.filter(({ granted }) => granted).map((one) => [one.purpose, one] as const));
	for (const [purpose, choice] of state.choices) {
		if (choice.state !== "granted" || !carriesNumber(purpose)) continue;
		recalls.push(...rows("recall", purpose, choice));
		const again = yeses.get(purpose);
		yeses.delete(purpose);
		// The rules where the new number is from may not take it.
		if (again === undefined || !isTaken(state, purpose, choice.shownOn))
			choices.set(purpose, { ...choice, ...decided, state: "withdrawn" });
		else if (again.purposeHash !== choice.purposeHash) return refused(before, "CONFLICT");
		else {
			const answer = grant(state, again, choice, choice.shownOn);
			if (answer.refused !== undefined) return refused(before, answer.refused);
			choices.set(purpose, { ...answer.choice, ...decided });
			shares.push(...rows("share", purpose, answer.choice));
		}
	}
	// It was taken back meanwhile, on another device.
	if (yeses.size > 0) return refused(before, "CONFLICT");
	const after = endUntenable(before, { ...state, choices, decided: new Set([...state.decided, eventId]) });
	return done(after.state, [...recalls, ...after.effects, ...shares]);
}

/** May a share for this purpose hold the number? */
function carriesNumber(purpose: string): boolean {
	const row: CatalogueRow | undefined = CATALOGUE[purpose as Purpose];
	return row?.fields.includes("phone_number") === true;
}

function close(state: Lifecycle): Step {
	const effects = recallsOf(state.choices);
	const choices = [...state.choices].map(([purpose, choice]) => {
		const ended: Choice = choice.state === "granted" ? { ...choice, state: "withdrawn" } : choice;
		return [purpose, ended] as const;
	});
	return done({ ...state, closed: true, choices: new Map(choices) }, [...effects, { type: "unlinked" }]);
}

/** Everything that may be at a recipient now. */
export function recallsOf(choices: ReadonlyMap<string, Choice>): readonly Effect[] {
	return [...choices].flatMap(([purpose, choice]) =>
		choice.state === "granted" ? rows("recall", purpose, choice) : [],
	);
}

function ended({ state, effects }: Ended): Step {
	return done(state, effects);
}

function done(state: Lifecycle, effects: readonly Effect[] = []): Step {
	return { state, effects, refused: undefined };
}

function refused(state: Lifecycle, why: LifecycleRefusal): Step {
	return { state, effects: [], refused: why };
}
