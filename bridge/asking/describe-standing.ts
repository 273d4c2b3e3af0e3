/** A person's standing, as it goes over the wire. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	type AccountId,
	type Clock,
	fromHex,
	ServicePhase,
	type StandingSchema,
	ChoiceState as WireChoice,
} from "@troth/protocol";
import { type Policies, readStanding, toLifecycle } from "../consent/standing.ts";
import type { ConsentRecords } from "../consent/tables.ts";
import { type ChoiceState, flowsFromMs, type Phase } from "../decision/decide.ts";
import { type Lifecycle, phaseAt, TERMS_WINDOW_MS } from "../lifecycle/lifecycle.ts";

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
		choices: [...purposes].map((purpose) => describeChoice(life, purpose)),
	};
}

function describeChoice({ accepted, choices }: Lifecycle, purpose: string) {
	const choice = choices.get(purpose);
	const row = accepted?.policy.purposes.get(purpose);
	const fromMs = accepted !== undefined && row !== undefined ? flowsFromMs(row, accepted.atMs) : 0;
	return {
		purpose,
		state: CHOICES[choice?.state ?? "unset"],
		purposeHash: fromHex(choice?.purposeHash ?? "") ?? new Uint8Array(),
		generation: choice?.generation ?? 0,
		decidedAtMs: BigInt(choice?.decidedAtMs ?? 0),
		eventId: fromHex(choice?.eventId ?? "") ?? new Uint8Array(),
		flowsFromMs: BigInt(fromMs),
	};
}
