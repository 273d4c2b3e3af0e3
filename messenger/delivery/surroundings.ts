/** What the owner of a log needs around it. */
import type { Clock, DeviceId, Refusal } from "@troth/protocol";
import type { LogStore } from "@troth/storage";
import type { Franking } from "./franking.ts";
import type { LogOwner } from "./log-owner.ts";
import type { Reader } from "./reader.ts";

export interface OwnerSurroundings {
	readonly logs: LogStore;
	readonly clock: Clock;
	readonly franking: Franking;
	/** The reader of an attached device. */
	reader(device: DeviceId): Reader | undefined;
	/** A member that may have the entry is not attached here; another node may have it. */
	missed(owner: LogOwner): void;
	/** A defect: what is stored stays stored, and the process goes on. */
	failed(error: unknown): void;
	/** The owner can not go on. */
	abandoned(owner: LogOwner): void;
}

/** Who waits for the answer to a Send. */
export interface SendReply {
	sendOk(log: LogOwner, clientSeq: number, seq: number, timeMs: number): void;
	sendRefused(log: Uint8Array, clientSeq: number, refusal: Refusal): void;
}
