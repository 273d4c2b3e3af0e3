/** What is stored of a profile's picture. Times are UTC milliseconds. */
import type { AccountId, BlobId } from "@troth/protocol";

export interface ProfilePhotoTable {
	/** 32 random bytes, hex, chosen by the device: who knows it may have the ciphertext. */
	photo_id: string;
	/** Empty once it leaves. */
	account_id: AccountId | "";
	/** Of the id's bytes and the ciphertext after them: nobody can put the same bytes, or ask for them by their hash. */
	blob_id: BlobId;
	/** Of the ciphertext. */
	bytes: number;
	/** `arriving` before its blob is there, `leaving` until its blob is gone: after a crash it is known what is left. */
	state: "arriving" | "current" | "leaving";
	put_at_ms: number;
}
