import { isRefusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { setBlocked } from "../identity/people.ts";
import type { ArchiveProgress } from "./progress.ts";
import { finishArchive } from "./take-archive.ts";

/** Has the server block whom the archive's owner had blocked, under the account that took it. Rejects with UNAVAILABLE. */
export async function setBlockedAs(context: DeviceContext, progress: ArchiveProgress): Promise<ArchiveProgress> {
	if (progress.done) return progress;
	for (const account of progress.toBlock) {
		try {
			await setBlocked(context, account, true);
		} catch (error) {
			// Who is gone needs no block.
			if (!isRefusal(error, "NOT_FOUND")) throw error;
		}
	}
	return finishArchive(context, progress);
}
