/**
 * One record of the share log, judged by the person it is about. Every check is made, so that what is shown is not
 * only the first thing that is wrong. Pure.
 */
import {
	CATALOGUE,
	ItemOutcome,
	type ItemReceipt,
	isResidual,
	type PolicyFile,
	type Purpose,
	type Share,
	ShareState as ShareStateOnWire,
	toHex,
} from "@troth/protocol";
import {
	type CheckpointOpener,
	type LogTrust,
	linkOf,
	type OpenedShare,
	openShareProof,
	ProofError,
	parseProof,
	quarterlySubjectAt,
	quarterOf,
	readShareRecord,
	type ShareProofFields,
	type ShareRecord,
	saltOf,
	subjectAt,
} from "@troth/transparency";
import type { ProofView, ShareAlarm } from "../device/sharing-api.ts";
import type { GrantRecord } from "../state/sharing-records.ts";
import { purposeHash } from "../terms/policy.ts";

/** What this device holds against what the server says. */
export interface ShareEvidence {
	readonly shareKey: Uint8Array;
	/** How the proofs of a log are judged; undefined where this device knows no such log. */
	readonly trustIn: (log: string) => LogTrust | undefined;
	/** Many records share a checkpoint: `rememberCheckpoints()` verifies each once. */
	readonly openCheckpoint: CheckpointOpener;
	readonly shareLog: string;
	/** The grant with this hash, where this device made it. */
	readonly grant: (hash: string) => GrantRecord | undefined;
	/** A verified policy by its hash. */
	readonly policy: (hash: string) => PolicyFile | undefined;
}

export type Answer = "waiting" | "withheld" | "overtaken" | "kept" | "dropped" | "stale" | "recalled" | "refused";

/** A record with everything that was found out about it. */
export interface JudgedShare {
	readonly n: number;
	/** Undefined where it can not be opened. */
	readonly record: ShareRecord | undefined;
	readonly answer: Answer;
	readonly answeredAtMs: number | undefined;
	readonly proof: ProofView;
	readonly receipt: ProofView | undefined;
	readonly alarms: readonly ShareAlarm[];
}

/** Judges one record at its place in the person's chain. */
export function judgeShare(share: Share, evidence: ShareEvidence): JudgedShare {
	const fields = share.share;
	// What it says is shown even where its proof fails, beside the alarm.
	const record = fields === undefined ? undefined : readShareRecord(fields.record);
	const answer = answerOf(share);
	// Only what left had to be seen by witnesses first; recalls are not held back by a missing one (ADR 0006).
	const left = record?.kind !== "recall" && answer !== "waiting" && answer !== "withheld";
	const [proof, opened] = prove(fields, evidence.trustIn(evidence.shareLog), left, evidence);
	const alarms = new Set<ShareAlarm>();
	if (opened === undefined) alarms.add("proof");
	if (fields !== undefined && !isMyLeaf(fields, share.n, evidence.shareKey)) alarms.add("chain");
	if (record !== undefined) for (const alarm of judgeRecord(record, evidence)) alarms.add(alarm);
	const receipt = judgeReceipt(share.receipt, opened, evidence);
	if (receipt?.verified === false) alarms.add("receipt");
	// Only the recipient can say what it did; without its word it is the bridge's.
	if (NEEDS_RECEIPT.has(answer) && receipt === undefined) alarms.add("receipt");
	const answeredAtMs = share.answeredAtMs === 0n ? undefined : Number(share.answeredAtMs);
	return { n: share.n, record, answer, answeredAtMs, proof, receipt, alarms: [...alarms] };
}

const NEEDS_RECEIPT: ReadonlySet<Answer> = new Set(["kept", "dropped", "stale", "recalled"]);

/** The number stands nowhere in the record: only the keyed values say that this leaf is the one at this place. */
function isMyLeaf({ salt, chain }: ShareProofFields, n: number, shareKey: Uint8Array): boolean {
	return toHex(salt) === toHex(saltOf(shareKey, n)) && toHex(chain) === toHex(linkOf(shareKey, n));
}

function* judgeRecord(record: ShareRecord, evidence: ShareEvidence): Generator<ShareAlarm> {
	const mine = mySubject(record, evidence.shareKey);
	if (mine !== undefined && record.subject !== mine) yield "subject";
	if (record.kind !== "share" && record.kind !== "recall") yield "chain";
	const file = evidence.policy(record.policyHash);
	if (!isOfPolicy(record, file)) yield "words";
	const basis = file?.purposes.find(({ id }) => id === record.purpose)?.basis;
	// What the catalogue asks a person for needs their yes, whatever basis a policy puts it on.
	const asked = needsGrant(basis) || !isResidual(record.purpose);
	if (record.kind === "share" && asked && !isGranted(record, evidence.grant(record.grant))) yield "not-mine";
}

/**
 * Who this person is in a record. Undefined where only the two who share a key can say it: such a record is the person's
 * because it stands in their chain.
 */
function mySubject({ purpose, recipient, generation }: ShareRecord, shareKey: Uint8Array): string | undefined {
	const identity = Object.hasOwn(CATALOGUE, purpose) ? CATALOGUE[purpose as Purpose].identity : undefined;
	if (identity === "number_pseudonym") return undefined;
	if (identity === "quarterly_pseudonym")
		return toHex(quarterlySubjectAt(shareKey, recipient, purpose, quarterOf(generation)));
	return toHex(subjectAt(shareKey, recipient));
}

/** An unknown basis counts as one that needs a yes. */
function needsGrant(basis: string | undefined): boolean {
	return basis !== "legitimate_interest" && basis !== "legal_duty";
}

function isGranted(record: ShareRecord, grant: GrantRecord | undefined): boolean {
	return (
		grant !== undefined &&
		grant.recipient === record.recipient &&
		grant.purpose === record.purpose &&
		grant.generation === record.generation
	);
}

/** Purpose, fields and recipient are the policy's, and the purpose has the words the record names. */
function isOfPolicy(record: ShareRecord, file: PolicyFile | undefined): boolean {
	const row = file?.purposes.find(({ id }) => id === record.purpose);
	if (file === undefined || row === undefined) return false;
	return (
		record.purposeHash === toHex(purposeHash(file, record.purpose)) &&
		row.recipients.includes(record.recipient) &&
		record.fields.every((field) => (row.fields as readonly string[]).includes(field))
	);
}

const ANSWERS: Partial<Record<ItemOutcome, Answer>> = {
	[ItemOutcome.KEPT]: "kept",
	[ItemOutcome.DROPPED]: "dropped",
	[ItemOutcome.STALE]: "stale",
	[ItemOutcome.RECALLED]: "recalled",
	[ItemOutcome.REFUSED]: "refused",
};

function answerOf({ state, receipt }: Share): Answer {
	if (state === ShareStateOnWire.WITHHELD) return "withheld";
	if (state === ShareStateOnWire.OVERTAKEN) return "overtaken";
	if (state !== ShareStateOnWire.ANSWERED) return "waiting";
	return ANSWERS[receipt?.outcome ?? ItemOutcome.UNSPECIFIED] ?? "waiting";
}

/** The recipient's own word, in its own log, about exactly this leaf. */
function judgeReceipt(
	item: ItemReceipt | undefined,
	share: OpenedShare | undefined,
	evidence: ShareEvidence,
): ProofView | undefined {
	if (item?.receipt === undefined) return undefined;
	const { record } = share ?? {};
	const trust = record === undefined ? undefined : evidence.trustIn(record.recipient);
	// The recipient signs its receipt at once; witnesses see its log later.
	const [proof, opened] = prove(item.receipt, trust, false, evidence);
	if (opened === undefined || share === undefined || record === undefined) return proof;
	const said = opened.record;
	const fits =
		said.kind === ANSWERS[item.outcome] &&
		said.answers === toHex(share.leafHash) &&
		said.recipient === record.recipient &&
		said.subject === record.subject &&
		said.purpose === record.purpose &&
		said.generation === record.generation;
	return fits ? proof : { verified: false, reason: "OTHER_RECEIPT" };
}

/** @param witnessed without the witnesses' quorum it does not count */
function prove(
	fields: ShareProofFields | undefined,
	trust: LogTrust | undefined,
	witnessed: boolean,
	{ openCheckpoint }: ShareEvidence,
): readonly [ProofView, OpenedShare | undefined] {
	if (fields === undefined) return [{ verified: false, reason: "MISSING" }, undefined];
	if (trust === undefined) return [{ verified: false, reason: "LOG_UNKNOWN" }, undefined];
	const asked = witnessed ? trust : { ...trust, quorum: 0 };
	try {
		const opened = openShareProof(fields, asked, openCheckpoint);
		const { checkpoint } = parseProof(new TextDecoder().decode(fields.proof));
		const view: ProofView = {
			verified: true,
			log: opened.checkpoint.origin,
			index: opened.index,
			leafHash: toHex(opened.leafHash),
			treeSize: opened.checkpoint.size,
			checkpoint,
			witnesses: openCheckpoint(checkpoint, asked).witnessed.map(({ name }) => name),
		};
		return [view, opened];
	} catch (error) {
		if (!(error instanceof ProofError)) throw error;
		return [{ verified: false, reason: error.code }, undefined];
	}
}
