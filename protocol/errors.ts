/**
 * One error for every refusal, with the closed set of codes of `error.proto` and structured fields. Servers throw
 * it, the edges turn it into Connect errors and refusal frames, clients get it back.
 */
import { create } from "@bufbuild/protobuf";
import { ErrorCode, type ErrorDetail, ErrorDetailSchema } from "./gen/troth/v1/error_pb.ts";
import type { ConversationId, DeviceId } from "./ids.ts";
import { idBytes, readId } from "./ids.ts";

export type RefusalCode = Exclude<keyof typeof ErrorCode, "UNSPECIFIED">;

/** What a refusal may tell beside its code; each field only with the codes that `error.proto` names for it. */
export interface RefusalFields {
	readonly retryAtMs?: number;
	readonly limitBytes?: number;
	readonly epoch?: number;
	readonly expectedClientSeq?: number;
	readonly conversation?: ConversationId;
	readonly removeDevices?: readonly DeviceId[];
	readonly attemptsLeft?: number;
	readonly cause?: unknown;
}

/** A request was refused: `code` says why, for programs; `message` says it for people who read logs. */
export class Refusal extends Error {
	override readonly name = "Refusal";
	readonly code: RefusalCode;
	readonly fields: Omit<RefusalFields, "cause">;

	constructor(code: RefusalCode, message: string, { cause, ...fields }: RefusalFields = {}) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
		this.fields = fields;
	}
}

/** The wire form of a refusal. */
export function toErrorDetail(refusal: Refusal): ErrorDetail {
	const { retryAtMs, limitBytes, epoch, expectedClientSeq, conversation, removeDevices, attemptsLeft } = refusal.fields;
	return create(ErrorDetailSchema, {
		code: ErrorCode[refusal.code],
		message: refusal.message,
		retryAtMs: BigInt(retryAtMs ?? 0),
		limitBytes: limitBytes ?? 0,
		epoch: epoch ?? 0,
		expectedClientSeq: expectedClientSeq ?? 0,
		conversation: conversation === undefined ? new Uint8Array() : idBytes(conversation),
		removeDevices: (removeDevices ?? []).map((device) => idBytes(device)),
		attemptsLeft: attemptsLeft ?? 0,
	});
}

const NAMES = new Map<number, RefusalCode>(
	Object.entries(ErrorCode)
		.filter(
			(entry): entry is [RefusalCode, Exclude<(typeof ErrorCode)[RefusalCode], 0>] =>
				typeof entry[1] === "number" && entry[1] !== 0,
		)
		.map(([name, number]) => [number, name]),
);

/** A refusal as it came over the wire. A code that this version does not know becomes INTERNAL. */
export function fromErrorDetail(detail: ErrorDetail): Refusal {
	const conversation = readId<ConversationId>(detail.conversation);
	const removeDevices = detail.removeDevices.map((bytes) => readId<DeviceId>(bytes)).filter((id) => id !== undefined);
	return new Refusal(NAMES.get(detail.code) ?? "INTERNAL", detail.message, {
		...(detail.retryAtMs > 0n && { retryAtMs: Number(detail.retryAtMs) }),
		...(detail.limitBytes > 0 && { limitBytes: detail.limitBytes }),
		epoch: detail.epoch,
		expectedClientSeq: detail.expectedClientSeq,
		...(conversation !== undefined && { conversation }),
		...(removeDevices.length > 0 && { removeDevices }),
		attemptsLeft: detail.attemptsLeft,
	});
}

/** True for a refusal with this code. */
export function isRefusal(error: unknown, ...codes: readonly RefusalCode[]): error is Refusal {
	return error instanceof Refusal && (codes.length === 0 || codes.includes(error.code));
}
