/** Why a log can not do what it was asked. */
export type TileLogErrorCode =
	/** Leaves were left out before these. */
	| "GAP"
	/** A leaf has more than 65535 bytes. */
	| "LEAF_TOO_LONG"
	/** Other leaves than the log already has, or than a witness saw: it signs nothing any more. */
	| "FORK"
	/** A witness saw a larger tree signed by this log: it was restored, and signs again when it has caught up. */
	| "BEHIND"
	/** It signed before, and no witness could be asked yet whether it was restored since: it tries again. */
	| "UNCOMPARED"
	/** The files are not a log of this key, or not whole. */
	| "DAMAGED"
	/** The disk refused. What was published stays; try again. */
	| "WRITE_FAILED"
	| "CLOSED";

export class TileLogError extends Error {
	override readonly name = "TileLogError";
	readonly code: TileLogErrorCode;

	constructor(code: TileLogErrorCode, message: string) {
		super(message);
		this.code = code;
	}
}
