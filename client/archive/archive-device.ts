/** The part of a device that makes and takes backups, and exports. */
import type { ArchiveDevice, RestoredView } from "../device/archive-api.ts";
import type { DeviceContext } from "../device/context.ts";
import { type ExportDevice, exportFiles } from "../export/export-files.ts";
import { toZip } from "../export/zip.ts";
import { makeBackup, takeBackup } from "./backup.ts";
import { Jobs } from "./jobs.ts";
import { joinHistoriesFromNowOn } from "./join-histories.ts";
import type { ArchiveProgress } from "./progress.ts";
import { newRecoveryCode, parseCode } from "./recovery-code.ts";

/** Bytes of a file that are read at once. */
const SLICE_BYTES = 256 * 1024;

/** @param device of which this is a part: an export asks it like an app does */
export function archiveDevice(context: DeviceContext, device: ExportDevice): ArchiveDevice {
	const jobs = new Jobs(context.random);
	joinHistoriesFromNowOn(context);
	return {
		newRecoveryCode: async (kind) => newRecoveryCode(context.random, kind),
		async startBackup(code) {
			parseCode(code);
			return jobs.start(makeBackup(context, code));
		},
		startExport: () => jobs.start(toZip(exportFiles(context, device))),
		nextPiece: (file) => jobs.next(file),
		stopFile: (file) => jobs.stop(file),
		async takeBackup(file, code) {
			const view = (progress: ArchiveProgress) => viewOf(context, progress);
			const taken = await takeBackup(context, slicesOf(file), code, (progress) =>
				context.announcer.emit({ type: "restoring", ...view(progress) }),
			);
			return view(taken);
		},
	};
}

function viewOf({ self }: DeviceContext, progress: ArchiveProgress): RestoredView {
	const { people, conversations, messages, owner } = progress;
	return { people, conversations, messages, ofAnother: owner !== undefined && owner !== self.account };
}

/** Not all at once: it may be larger than the memory. */
async function* slicesOf(file: Blob): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < file.size; at += SLICE_BYTES)
		yield new Uint8Array(await file.slice(at, at + SLICE_BYTES).arrayBuffer());
}
