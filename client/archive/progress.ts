/** How far an archive was taken; kept beside what came from it, so that a crash in the middle is gone on from. */
import type { AccountId } from "@troth/protocol";
import type { Settings } from "../device/api.ts";
import type { OwnPicture } from "./pictures.ts";

export interface ArchiveProgress {
	/** Of the archive: its salt, hex. */
	readonly archive: string;
	/** The number of the next part. */
	readonly next: number;
	/** The last part is in. */
	readonly ended: boolean;
	/** What comes after it is done as well. */
	readonly done: boolean;
	/** Whose history it is. */
	readonly owner: AccountId | undefined;
	/** What is changed at the end. */
	readonly settings: Partial<Settings>;
	readonly name: { readonly name: string; readonly changedAtMs: number } | undefined;
	/** Whom the server has yet to be told to block. */
	readonly toBlock: readonly AccountId[];
	/** The owner's picture, which is in: what is changed at the end. Absent where there is none, or a newer one here. */
	readonly picture?: OwnPicture | undefined;
	readonly people: number;
	readonly conversations: number;
	/** That were not here before. */
	readonly messages: number;
}

export const NOTHING_TAKEN: Omit<ArchiveProgress, "archive"> = {
	next: 0,
	ended: false,
	done: false,
	owner: undefined,
	settings: {},
	name: undefined,
	toBlock: [],
	people: 0,
	conversations: 0,
	messages: 0,
};
