/**
 * The rules of a Send, as a pure function of what the log's owner knows (hazard 16, promises 2, 3, 6). Devices number
 * their sends per log without holes: only last + 1 is taken, a refusal consumes no number, a repeat gets its stored
 * answer, and the same number with other bytes betrays a copied or restored profile.
 */
import { hash } from "node:crypto";
import { type DeviceId, LIMITS, Refusal } from "@troth/protocol";
import type { Answer, GroupRecord, SenderRow } from "@troth/storage";

/** What a Send says, after its payload was checked. */
export interface NumberedSend {
	readonly device: DeviceId;
	readonly clientSeq: number;
	readonly epoch: number;
	/** First 16 bytes of SHA-256 over the payload, hex. */
	readonly digest: string;
}

/** The log as its owner has it in memory: everything accepted so far, durable or on its way. */
export interface SendState {
	readonly head: number;
	readonly group: Pick<GroupRecord, "epoch" | "pendingRemovals"> | undefined;
	/** The sender has a subscription without an end. */
	readonly isMember: boolean;
	readonly row: SenderRow | undefined;
}

export type SendDecision =
	/** The entry gets `seq`; `row` replaces the sender's row in the same transaction. */
	| { readonly kind: "accept"; readonly seq: number; readonly row: SenderRow }
	/** Sent before: this was the answer. */
	| { readonly kind: "repeat"; readonly answer: Answer }
	/** Nothing changes, and the number is still free. */
	| { readonly kind: "refuse"; readonly refusal: Refusal };

/** What tells a repeat from a reused number: the first 16 bytes of SHA-256, hex. */
export function payloadDigest(payload: Uint8Array): string {
	return hash("sha256", payload, "hex").slice(0, 32);
}

/** Decides one Send. `timeMs` is the entry's time if it is accepted. */
export function decideSend(state: SendState, send: NumberedSend, timeMs: number): SendDecision {
	const repeat = decideRepeat(state.row, send);
	if (repeat !== undefined) return repeat;
	const { group } = state;
	if (group === undefined || !state.isMember) return refuse("NOT_A_MEMBER", "this device is not in the conversation");
	if (send.epoch !== group.epoch)
		return refuse("STALE_EPOCH", "the message is for another epoch", { epoch: group.epoch });
	if (group.pendingRemovals.length > 0)
		return refuse("COMMIT_REQUIRED", "members wait to be removed first", { removeDevices: group.pendingRemovals });
	const wrongNumber = decideNumber(state.row, send);
	if (wrongNumber !== undefined) return wrongNumber;
	const seq = state.head + 1;
	return { kind: "accept", seq, row: withAnswer(state.row, send, seq, timeMs) };
}

/** The number was used before: its answer, or why there is none. Undefined for a number above the last. */
export function decideRepeat(
	row: SenderRow | undefined,
	{ clientSeq, digest }: Pick<NumberedSend, "clientSeq" | "digest">,
): SendDecision | undefined {
	if (row === undefined || clientSeq > row.lastClientSeq) return undefined;
	// Numbers are dense, so the place of an answer follows from its number.
	const answer = row.answers[row.answers.length - 1 - (row.lastClientSeq - clientSeq)];
	if (answer === undefined) return refuse("SEQ_TOO_OLD", "the answer to this number is no longer kept");
	if (answer.digest !== digest) return refuse("SEQ_REUSED", "the number was used for another message");
	return { kind: "repeat", answer };
}

/** A refusal where the number is not the next one of this device in this log. */
export function decideNumber(
	row: SenderRow | undefined,
	{ clientSeq }: Pick<NumberedSend, "clientSeq">,
): SendDecision | undefined {
	const expectedClientSeq = (row?.lastClientSeq ?? 0) + 1;
	if (clientSeq === expectedClientSeq) return undefined;
	return refuse("SEQ_OUT_OF_ORDER", "the number is not the next one", { expectedClientSeq });
}

/** The sender's row after this send. */
export function withAnswer(
	row: SenderRow | undefined,
	{ device, clientSeq, digest }: Pick<NumberedSend, "device" | "clientSeq" | "digest">,
	seq: number,
	timeMs: number,
): SenderRow {
	const answer: Answer = { clientSeq, digest, seq, timeMs };
	if (row === undefined) return { device, lastClientSeq: clientSeq, answers: [answer] };
	const kept = row.answers.length < LIMITS.answersKept ? row.answers : row.answers.slice(1);
	return { device, lastClientSeq: clientSeq, answers: [...kept, answer] };
}

function refuse(...refusal: ConstructorParameters<typeof Refusal>): SendDecision {
	return { kind: "refuse", refusal: new Refusal(...refusal) };
}
