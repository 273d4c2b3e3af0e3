/** What the server has to be told before an archive of another account counts as taken. */
import { isRefusal, Refusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { setBlocked } from "../identity/people.ts";
import { readKeptPicture } from "../profile/kept-picture.ts";
import { NOTHING_SHOWN } from "../profile/own-profile.ts";
import { setPhoto } from "../profile/photo.ts";
import type { ArchiveProgress } from "./progress.ts";
import { finishArchive } from "./take-archive.ts";

/**
 * Blocks whom the archive's owner had blocked, and shows the picture to whom it was shown, under the account that took it.
 * Rejects with UNAVAILABLE.
 */
export async function setAsBefore(context: DeviceContext, progress: ArchiveProgress): Promise<ArchiveProgress> {
	if (progress.done) return progress;
	for (const account of progress.toBlock) {
		try {
			await setBlocked(context, account, true);
		} catch (error) {
			// Who is gone needs no block.
			if (!isRefusal(error, "NOT_FOUND")) throw error;
		}
	}
	await showPicture(context, progress);
	const done = await finishArchive(context, progress);
	context.announcer.emit({ type: "self" });
	return done;
}

async function showPicture(context: DeviceContext, { owner, picture }: ArchiveProgress): Promise<void> {
	const { account, shown = NOTHING_SHOWN } = context.profile();
	// Its person has decided about it since.
	if (picture === undefined || owner === account || shown.photoChangedAtMs > 0) return;
	const plain = await readKeptPicture(context.state, account, undefined);
	if (plain === undefined) return;
	await context.changeProfile({ shown: { ...shown, photo: picture.audience } });
	try {
		await setPhoto(context, plain);
	} catch (error) {
		// Where the server takes no picture now the history is no worse for it.
		if (!(error instanceof Refusal) || error.code === "UNAVAILABLE") throw error;
	}
}
