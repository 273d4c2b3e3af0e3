/** Backup and export, as apps see them: a part of the device's surface (`api.ts`). */

/** 30 digits that are stretched, or 64 that need not be. */
export type RecoveryCodeKind = "code" | "key";

export interface RestoredView {
	readonly people: number;
	readonly conversations: number;
	/** Texts that were not here before. */
	readonly messages: number;
	/** It is another account's history than this one's: that of the person before they registered anew. */
	readonly ofAnother: boolean;
}

export interface ArchiveDevice {
	/** A fresh code, in groups of digits. It is kept nowhere: the person writes it down. */
	newRecoveryCode(kind?: RecoveryCodeKind): Promise<string>;
	/**
	 * Begins a backup under this code: history and settings, nothing that messages are sent or read with. Gives the id of a
	 * file to fetch with `nextPiece`. Rejects with ArchiveError CodeMalformed.
	 */
	startBackup(code: string): Promise<string>;
	/**
	 * Begins a full export: a zip with everything this device has, in the open format of `docs/export.md`. What the server
	 * has to say is in it where it answers. Gives the id of a file to fetch with `nextPiece`.
	 */
	startExport(): Promise<string>;
	/** The next bytes of a file that was begun; undefined after its end. Rejects with ArchiveError JobGone. */
	nextPiece(file: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
	stopFile(file: string): Promise<void>;
	/**
	 * Takes a backup in; a `restoring` event after each part of it. What is here already stays, and nothing is there twice.
	 * Called again after a failure it goes on. Rejects with ArchiveError: CodeMalformed, WrongCode, NotAnArchive,
	 * VersionUnsupported; Damaged, Truncated (what came before stays); UNAVAILABLE (whom to block is not told yet).
	 */
	takeBackup(file: Blob, code: string): Promise<RestoredView>;
}
