/** Why a local store refused; in each case nothing was written. */
export type LocalStoreErrorCode =
	/** Another process has this profile open. Two of them would use the same ratchet twice. */
	| "ProfileInUse"
	/** The profile is protected by a passphrase, and none was given. */
	| "PassphraseRequired"
	/** Another passphrase than the one that protects the profile. */
	| "WrongPassphrase"
	/** A passphrase was given for a profile that was made without one. */
	| "NoPassphraseSet"
	/** The profile's key file is gone: its values can not be read any more. */
	| "KeyMissing"
	/** Values sealed with another key than the one at hand. */
	| "WrongKey"
	/** A value that was changed, or that lies under another key than it was written to. */
	| "Tampered"
	/** Not a store of this format, or of a later version than this program knows. */
	| "Unreadable"
	/** No space left on the disk, or the browser's quota is used up. */
	| "Full"
	/** Used after it was closed. */
	| "Closed"
	/** Any other failure of the engine below. */
	| "Failed";

export class LocalStoreError extends Error {
	override readonly name = "LocalStoreError";
	readonly code: LocalStoreErrorCode;
	constructor(code: LocalStoreErrorCode, message: string, options: { cause?: unknown } = {}) {
		super(message, options);
		this.code = code;
	}
}
