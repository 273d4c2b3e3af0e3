import type { AccountId, BlobId } from "@troth/protocol";

/** An archive's ciphertext, between two devices of one account. */
export interface ArchiveTable {
	account_id: AccountId;
	/** Chosen by the device; means something only together with the account. */
	archive_id: string;
	/** The number of the last part; null before it came. */
	last_part: number | null;
	created_at_ms: number;
	/** Deleted from then on. */
	expires_at_ms: number;
}

export interface ArchivePartTable {
	account_id: AccountId;
	archive_id: string;
	part: number;
	blob_id: BlobId;
	bytes: number;
	/** 0 while the blob is being written: after a crash it may be there or not. */
	stored: number;
}

export interface ArchiveTables {
	archive: ArchiveTable;
	archive_part: ArchivePartTable;
}
