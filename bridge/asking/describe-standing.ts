/** A person's standing, as it goes over the wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type Clock,
	fromHex,
	isShownOn,
	ServicePhase,
	type StandingSchema,
	ChoiceState as WireChoice,
} from "@troth/protocol";
import { type Policies, readStanding, toLifecycle } from "../consent/standing.ts";
import type { ConsentRecords } from "../consent/tables.ts";
import { type ChoiceState, type DenyReason, decide, flowsFromMs, type Phase, ruleOf } from "../decision/decide.ts";
import { isNo } from "../lifecycle/ending.ts";
import { type Lifecycle, phaseAt, TERMS_WINDOW_MS } from "../lifecycle/lifecycle.ts";
import { factsOf } from "../lifecycle/person.ts";

type WireStanding = MessageInitShape<typeof StandingSchema>;

const PHASES: Record<Phase, ServicePhase> = {
	ACTIVE: ServicePhase.ACTIVE,
	PENDING: ServicePhase.PENDING,
	SUSPENDED: ServicePhase.SUSPENDED,
	CLOSED: ServicePhase.CLOSED,
};

const CHOICES: Record<ChoiceState, WireChoice> = {
	unset: WireChoice.UNSET,
	granted: WireChoice.GRANTED,
	refused: WireChoice.REFUSED,
	withdrawn: WireChoice.WITHDRAWN,
};

/** Where this account stands now. */
export async function standingOf(
	{ records, terms, clock }: { readonly records: ConsentRecords; readonly terms: Policies; readonly clock: Clock },
	{ account }: { readonly account: AccountId },
): Promise<WireStanding> {
	const stored = await readStanding(records, account);
	return describeStanding(toLifecycle(stored, terms, new Set()), clock.now());
}

/** Every purpose of the version in force, of the accepted one and of any recorded answer has its line. */
export function describeStanding(life: Lifecycle, nowMs: number): WireStanding {
	const { current, accepted, notice } = life;
	const pending = accepted?.policy.version === current.version ? 0 : current.version;
	const asks = accepted !== undefined && accepted.policy.purposes.size > 0;
	const purposes = new Set([
		...current.purposes.keys(),
		...(accepted?.policy.purposes.keys() ?? []),
		...life.choices.keys(),
	]);
	return {
		phase: PHASES[phaseAt(life, nowMs)],
		acceptedVersion: accepted?.policy.version ?? 0,
		acceptedAtMs: BigInt(accepted?.atMs ?? 0),
		pendingVersion: pending,
		noticeDisplayedAtMs: BigInt(notice?.version === pending ? notice.displayedAtMs : 0),
		deadlineMs: BigInt(notice?.deadlineMs ?? 0),
		choicePromptUntilMs: BigInt(asks ? accepted.atMs + TERMS_WINDOW_MS : 0),
		choices: [...purposes].map((purpose) => describeChoice(life, purpose, nowMs)),
		person: {
			numberRegion: life.person.numberRegion ?? "",
			declaredRegion: life.person.declaredRegion ?? "",
			minor: life.person.minor,
		},
	};
}

function describeChoice(life: Lifecycle, purpose: string, nowMs: number) {
	const { accepted } = life;
	const choice = life.choices.get(purpose);
	const row = accepted?.policy.purposes.get(purpose);
	const agreedAtMs = accepted?.agreedAtMs.get(purpose) ?? accepted?.atMs;
	const fromMs = agreedAtMs !== undefined && row !== undefined ? flowsFromMs(row, agreedAtMs) : 0;
	return {
		purpose,
		state: CHOICES[choice?.state ?? "unset"],
		purposeHash: fromHex(choice?.purposeHash ?? "") ?? new Uint8Array(),
		generation: choice?.generation ?? 0,
		decidedAtMs: BigInt(choice?.decidedAtMs ?? 0),
		eventId: fromHex(choice?.eventId ?? "") ?? new Uint8Array(),
		flowsFromMs: BigInt(fromMs),
		initiallyOn: isInitiallyOn(life, purpose),
		denied: whyDenied(life, purpose, nowMs) ?? "",
	};
}

/**
 * How the control is to be shown to this person with the version in force: the server takes no yes to one that was shown
 * in another way. It is answered after accepting that version, so the rules of an older one have no say. What they said
 * no to stays off, whatever version asks.
 */
function isInitiallyOn({ current, accepted, person, choices }: Lifecycle, purpose: string): boolean {
	if (isNo(choices.get(purpose))) return false;
	const row = current.purposes.get(purpose) ?? accepted?.policy.purposes.get(purpose);
	const facts = factsOf(person);
	return row !== undefined && isShownOn(row, ruleOf({ current, accepted: undefined, person: facts }), facts);
}

/** Undefined where something flows: the fields and recipients of a purpose are decided alike. */
function whyDenied(life: Lifecycle, purpose: string, nowMs: number): DenyReason | undefined {
	const { current, accepted, choices, person, timeMs } = life;
	const row = accepted?.policy.purposes.get(purpose);
	const decision = decide({
		...{ purpose, field: row?.fields[0] ?? "", recipient: row?.recipients[0] ?? "" },
		current,
		accepted: accepted?.policy,
		acceptedAtMs: accepted?.atMs,
		agreedAtMs: accepted?.agreedAtMs.get(purpose),
		phase: phaseAt(life, nowMs),
		choice: choices.get(purpose),
		person: factsOf(person),
		nowMs: Math.max(nowMs, timeMs),
	});
	return decision.permit ? undefined : decision.reason;
}
