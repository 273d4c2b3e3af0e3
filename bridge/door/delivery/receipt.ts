/** What a recipient's answer to one item is worth: nothing, until its own log proves it. */
import { ItemOutcome, type ItemReceipt, toHex } from "@troth/protocol";
import {
	type CheckpointOpener,
	type LogTrust,
	openShareProof,
	ProofError,
	type ShareRecord,
} from "@troth/transparency";

/** What was sent: the record, and the RFC 6962 hash of its leaf. */
export interface SentItem {
	readonly record: ShareRecord;
	readonly leafHash: Uint8Array;
}

/** What a recipient can prove to have done. */
export type ProvedOutcome = "kept" | "dropped" | "stale" | "recalled";

export type ReadReceipt =
	/** The recipient's log says so. */
	| { readonly kind: "proved"; readonly outcome: ProvedOutcome }
	/** It will not take the item, and is not asked again. */
	| { readonly kind: "refused"; readonly reason: string }
	/** Proves nothing: as if there had been no answer. */
	| { readonly kind: "invalid"; readonly reason: string };

/** The record kind that an outcome has in the recipient's log. */
const KINDS: ReadonlyMap<ItemOutcome, ProvedOutcome> = new Map([
	[ItemOutcome.KEPT, "kept"],
	[ItemOutcome.DROPPED, "dropped"],
	[ItemOutcome.STALE, "stale"],
	[ItemOutcome.RECALLED, "recalled"],
]);

/** What can be said to what: a recall is not acknowledged by anything but `recalled`. */
const ANSWERS: Readonly<Record<string, readonly ProvedOutcome[]>> = {
	share: ["kept", "dropped", "stale"],
	recall: ["recalled"],
};

/**
 * Verifies an answer against the trust in the recipient's own log. Never throws.
 *
 * @param open `rememberCheckpoints()` for the answers of one request: they share their checkpoint
 */
export function readReceipt(
	answer: ItemReceipt,
	sent: SentItem,
	trust: LogTrust,
	open?: CheckpointOpener,
): ReadReceipt {
	if (answer.outcome === ItemOutcome.REFUSED) return { kind: "refused", reason: answer.reason };
	const outcome = KINDS.get(answer.outcome);
	if (outcome === undefined || answer.receipt === undefined) return invalid("no outcome or no receipt");
	if (ANSWERS[sent.record.kind]?.includes(outcome) !== true) return invalid("no answer to an item of this kind");
	try {
		// A recipient answers as soon as its log is signed, because a recall waits for nobody; witnesses see that log later.
		const { record } = openShareProof(answer.receipt, { ...trust, quorum: 0 }, open);
		const differing = differenceOf(record, outcome, sent);
		return differing === undefined ? { kind: "proved", outcome } : invalid(`another ${differing}`);
	} catch (error) {
		if (error instanceof ProofError) return invalid(error.code);
		throw error;
	}
}

/** In what the recipient's record is not about our item; undefined where it is. */
function differenceOf(record: ShareRecord, outcome: ProvedOutcome, sent: SentItem): string | undefined {
	const expected = {
		kind: outcome,
		recipient: sent.record.recipient,
		subject: sent.record.subject,
		purpose: sent.record.purpose,
		generation: sent.record.generation,
		answers: toHex(sent.leafHash),
	} as const;
	for (const [name, value] of Object.entries(expected))
		if (record[name as keyof typeof expected] !== value) return name;
	return undefined;
}

function invalid(reason: string): ReadReceipt {
	return { kind: "invalid", reason };
}
