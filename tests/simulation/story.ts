/** How frames, disk writes and records stand in a run's story. */
import { fromBinary } from "@bufbuild/protobuf";
import { type ErrorDetail, FrameSchema, fromErrorDetail, toHex } from "@troth/protocol";
import type { LogWrite } from "@troth/storage";
import { KEYS } from "../../client/state/keys.ts";
import type {
	ConversationRecord,
	LogRecord,
	MessageRecord,
	OutboxRecord,
	PendingCommitRecord,
	ProfileRecord,
} from "../../client/state/records.ts";
import { decode, short } from "./books.ts";
import { brief } from "./trace.ts";

/** One step that the server's disk has now. */
export function stepName(step: LogWrite): string {
	const log = short(
		step.kind === "subscribe" ? step.subscription.log : step.kind === "register" ? step.row.log : step.log,
	);
	switch (step.kind) {
		case "append":
			return `${log} ${step.entry.seq}`;
		case "acknowledge":
			return `${log} up to ${step.seq} by ${short(step.device)}`;
		case "trim":
			return `${log} without ${step.upTo}`;
		case "subscribe":
			return `${short(step.subscription.device)} in ${log} after ${step.subscription.from}`;
		case "unsubscribe":
			return `${short(step.device)} out of ${log} after ${step.until}`;
		default:
			return `${step.kind} of ${log}`;
	}
}

export function frameName(frame: Uint8Array): string {
	const { body } = fromBinary(FrameSchema, frame);
	switch (body.case) {
		case "entry":
			return `entry ${short(toHex(body.value.log))} ${body.value.seq} (#${body.value.clientSeq})`;
		case "sendOk":
			return `sendOk ${short(toHex(body.value.log))} #${body.value.clientSeq} at ${body.value.seq}`;
		case "ack":
			return `ack ${short(toHex(body.value.log))} ${body.value.seq}`;
		case "send":
			return `send ${short(toHex(body.value.log))} #${body.value.clientSeq} for epoch ${body.value.epoch}`;
		case "sendRefused":
			return `sendRefused ${short(toHex(body.value.log))} #${body.value.clientSeq}: ${refusalName(body.value.error)}`;
		case "gap":
		case "skipped":
			return `${body.case} ${short(toHex(body.value.log))} ${body.value.from}–${body.value.to}`;
		default:
			return `${body.case}`;
	}
}

function refusalName(error: ErrorDetail | undefined): string {
	return error === undefined ? "no reason" : fromErrorDetail(error).code;
}

/** What a device has on its disk now: the words that matter of a record, a digest of the rest. */
export function keptName(key: string, value: Uint8Array | undefined): string {
	const [kind = "", id = "", row = ""] = key.split("/");
	const where = `${kind} ${short(id)}${row === "" ? "" : ` ${Number.isNaN(Number(row)) ? short(row) : Number(row)}`}`;
	return value === undefined ? `${where}: gone` : `${where}: ${words(key, value)}`;
}

function words(key: string, value: Uint8Array): string {
	if (key === KEYS.profile) return `${decode<ProfileRecord>(value).halted ?? "in use"} ${brief(value)}`;
	if (key.startsWith(KEYS.logs)) {
		const { seq, nextClientSeq } = decode<LogRecord>(value);
		return `has ${seq}, next number #${nextClientSeq}`;
	}
	if (key.startsWith(KEYS.conversations)) {
		const { state, removalsRequired } = decode<ConversationRecord>(value);
		return `${state}${removalsRequired.length > 0 ? `, ${removalsRequired.length} to remove` : ""} ${brief(value)}`;
	}
	if (key.startsWith(KEYS.outboxes)) {
		const { body, sealed, storedSeq } = decode<OutboxRecord>(value);
		const what = body.kind === "text" ? `"${body.text}"` : body.kind;
		return `${what} ${sealed === undefined ? "open" : `#${sealed.clientSeq} for epoch ${sealed.epoch}`}${storedSeq === undefined ? "" : `, stored at ${storedSeq}`}`;
	}
	if (key.startsWith(KEYS.pendingCommits)) {
		const { how, clientSeq, epoch } = decode<PendingCommitRecord>(value);
		return `${how} #${clientSeq} from epoch ${epoch} ${brief(value)}`;
	}
	if (key.startsWith("message/")) {
		const { body, seq, failed } = decode<MessageRecord>(value);
		return `${body.kind === "text" ? `"${body.text}"` : body.kind}${seq === undefined ? "" : ` at ${seq}`}${failed === undefined ? "" : `, failed: ${failed}`}`;
	}
	return brief(value);
}
