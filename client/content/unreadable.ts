import type { MlsErrorCode } from "../mls/engine.ts";

/**
 * Why an entry is shown as unreadable: what MLS objected to, or what did not hold together around it.
 * `WrongSender`: the server names another sender than the message was encrypted by. `Renumbered`: the number outside is
 * not the one inside. `Repeated`: a number that this sender used before. `CommitmentMismatch`: the franking commitment
 * does not fit. `BlobMissing`: the bytes the entry points to can not be had. `NoGroup`: this device has no keys for
 * that time. `TemplateMismatch`: a business's message is not what its purpose and its registered template make.
 */
export type UnreadableCode =
	| MlsErrorCode
	| "WrongSender"
	| "Renumbered"
	| "Repeated"
	| "CommitmentMismatch"
	| "BlobMissing"
	| "NoGroup"
	| "TemplateMismatch"
	| "Unsupported"
	| "Defect";

/** An entry can not be shown; the stream goes on (hazard 19). */
export class Unreadable extends Error {
	override readonly name = "Unreadable";
	readonly code: UnreadableCode;
	constructor(code: UnreadableCode, options: { cause?: unknown } = {}) {
		super(`unreadable: ${code}`, options);
		this.code = code;
	}
}
