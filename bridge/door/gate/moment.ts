/** Reads, now, everything that a decision about one share is made from. */
import { create } from "@bufbuild/protobuf";
import { type AccountId, isResidual, SignedSchema } from "@troth/protocol";
import { INSTALLATION } from "../../consent/installation.ts";
import type { DecisionInput } from "../../decision/decide.ts";
import { phaseAt } from "../../lifecycle/lifecycle.ts";
import { factsOf, UNKNOWN_PERSON } from "../../lifecycle/person.ts";
import type { Policy } from "../../policy/policy.ts";
import type { DoorContext } from "../context.ts";
import { FieldsUnavailable, type PersonSource, type SharedPurpose } from "../source/share-source.ts";
import { type Minted, type Moment, mint } from "./gate.ts";
import { subjectOf } from "./subject.ts";

/** One yes of one person to one recipient; or one thing about somebody or nobody that asks for no yes. */
export interface ShareQuestion<P extends SharedPurpose> {
	/** `INSTALLATION` where it is about nobody. */
	readonly account: AccountId;
	readonly shareKey: Uint8Array;
	readonly purpose: P;
	readonly recipient: string;
	readonly generation: number;
}

/** How long a share waits for fields that can not be had. */
const ASK_AGAIN_MS = 5_000;

/** `source`: what was read for this moment, or is read when it is asked for. */
export interface MomentContext extends Pick<DoorContext, "policies" | "clock" | "recipients"> {
	readonly source: PersonSource;
}

/** Decides at this moment. The caller has refreshed the policies. Rejects with StoreError. */
export async function mintNow<P extends SharedPurpose>(
	context: MomentContext,
	question: ShareQuestion<P>,
): Promise<Minted<P>> {
	const { source, policies, clock } = context;
	const { account, purpose, recipient, generation, shareKey } = question;
	const { current } = policies;
	if (current === undefined) return { permit: false, reason: "PURPOSE_NOT_CURRENT" };
	const nowMs = clock.now();
	const standing = await standingOf(context, question, current, nowMs);
	const grant = isResidual(purpose) ? undefined : await source.grant(account, purpose, recipient, generation);
	// Last, because it shows nothing any more once the yes is taken back.
	const row = await source.values(account, purpose, generation).catch(whereUnavailable);
	if (row === "unavailable") return { permit: false, reason: "FIELDS_UNAVAILABLE", fromMs: nowMs + ASK_AGAIN_MS };
	const pairKey = context.recipients.get(recipient)?.pairKey;
	const moment: Moment<P> = {
		...standing,
		recipient,
		generation,
		subject: subjectOf({ purpose, recipient, shareKey, generation, phone: row?.phone, pairKey }),
		current,
		grant: grant && create(SignedSchema, grant),
		row,
		nowMs,
	};
	return mint(purpose, moment);
}

/** Only what waits for somebody else is waited for; a defect of ours is none of that. */
function whereUnavailable(error: unknown): "unavailable" {
	if (error instanceof FieldsUnavailable) return "unavailable";
	throw error;
}

type Standing = Pick<
	DecisionInput,
	"accepted" | "phase" | "acceptedAtMs" | "agreedAtMs" | "choice" | "person" | "sums"
>;

async function standingOf(
	{ source, policies }: Pick<MomentContext, "source" | "policies">,
	{ account, purpose }: ShareQuestion<SharedPurpose>,
	current: Policy,
	nowMs: number,
): Promise<Standing> {
	// Who is nobody has accepted nothing and refuses nothing: what is in force decides.
	if (account === INSTALLATION) {
		const nobody = { choice: undefined, person: factsOf(UNKNOWN_PERSON), sums: true };
		return { accepted: current, phase: "ACTIVE", acceptedAtMs: nowMs, ...nobody };
	}
	const standing = await source.standing(account);
	const { accepted } = standing;
	return {
		accepted: accepted && policies.version(accepted.version),
		phase: phaseAt(standing, nowMs),
		acceptedAtMs: accepted?.atMs,
		agreedAtMs: accepted?.agreedAtMs.get(purpose),
		choice: standing.choices.get(purpose),
		person: factsOf(standing.person),
	};
}
