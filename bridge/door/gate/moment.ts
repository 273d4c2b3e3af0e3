/** Reads, now, everything that a decision about one share is made from. */
import { create } from "@bufbuild/protobuf";
import { type AccountId, SignedSchema } from "@troth/protocol";
import { subjectAt } from "@troth/transparency";
import { phaseAt } from "../../lifecycle/lifecycle.ts";
import type { DoorContext } from "../context.ts";
import type { SharedPurpose } from "../source/share-source.ts";
import { type Minted, type Moment, mint } from "./gate.ts";

/** One yes of one person to one recipient. */
export interface ShareQuestion<P extends SharedPurpose> {
	readonly account: AccountId;
	readonly shareKey: Uint8Array;
	readonly purpose: P;
	readonly recipient: string;
	readonly generation: number;
}

/** Decides at this moment. The caller has refreshed the policies. Rejects with StoreError. */
export async function mintNow<P extends SharedPurpose>(
	{ source, policies, clock }: Pick<DoorContext, "source" | "policies" | "clock">,
	question: ShareQuestion<P>,
): Promise<Minted<P>> {
	const { account, purpose, recipient, generation } = question;
	const { current } = policies;
	if (current === undefined) return { permit: false, reason: "PURPOSE_NOT_CURRENT" };
	const nowMs = clock.now();
	const standing = await source.standing(account);
	const grant = await source.grant(account, purpose, recipient, generation);
	const { accepted } = standing;
	// Last, because it shows nothing any more once the yes is taken back.
	const row = await source.values(account, purpose);
	const moment: Moment<P> = {
		recipient,
		generation,
		subject: subjectAt(question.shareKey, recipient),
		current,
		accepted: accepted && policies.version(accepted.version),
		phase: phaseAt(standing, nowMs),
		acceptedAtMs: accepted?.atMs,
		choice: standing.choices.get(purpose),
		grant: grant && create(SignedSchema, grant),
		row,
		nowMs,
	};
	return mint(purpose, moment);
}
