/** What a log has under way: sends that wait, entries on their way to the disk, and who they are answered to. */
import { Refusal, type SendFields } from "@troth/protocol";
import type { SenderRow } from "@troth/storage";
import type { Session } from "../context.ts";
import type { SendReply } from "./surroundings.ts";
import type { EntryMessage } from "./wire.ts";

export interface Submission {
	readonly send: SendFields;
	readonly session: Session;
	readonly reply: SendReply;
}

/** A device's numbering in this log. */
export interface Sender {
	readonly accountBytes: Uint8Array;
	readonly deviceBytes: Uint8Array;
	row: SenderRow;
	/** Sends that wait for their answers. */
	inFlight: number;
}

/** An entry that has its number and is on its way to the disk. */
export interface Pending {
	readonly entry: EntryMessage;
	readonly timeMs: number;
	readonly clientSeq: number;
	readonly sender: Sender;
	readonly reply: SendReply;
	/** Repeats that came meanwhile. */
	repeats: SendReply[] | undefined;
	landed: boolean;
}

/** An entry that the server places itself, while it has the log for itself. */
export interface Placed {
	readonly entry: EntryMessage;
	readonly timeMs: number;
}

/** What is told of a send that did not become durable. */
export function unavailable(): Refusal {
	return new Refusal("UNAVAILABLE", "the message was not stored; send it again");
}
