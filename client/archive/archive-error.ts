/** Why an archive can not be used. What was taken from it before stays. */
export type ArchiveErrorCode =
	/** Not the form of a recovery code: 30 or 64 digits. */
	| "CodeMalformed"
	/** The archive is whole and was sealed with another secret. */
	| "WrongCode"
	/** These bytes are no archive. */
	| "NotAnArchive"
	/** Made by a later version of this program. */
	| "VersionUnsupported"
	/** Bytes were changed, left out, moved, repeated, or come from another archive. */
	| "Damaged"
	/** It ends before its end. */
	| "Truncated"
	/** The job ended, or the tab that did it was closed: begin again. */
	| "JobGone";

export class ArchiveError extends Error {
	override readonly name = "ArchiveError";
	readonly code: ArchiveErrorCode;
	constructor(code: ArchiveErrorCode, message: string, options: { cause?: unknown } = {}) {
		super(message, options);
		this.code = code;
	}
}
