/** Where the tests of a run keep their files. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** Linux's file system in memory. */
const MEMORY = "/dev/shm";
const NEEDED_BYTES = 2 * 1024 ** 3;

/**
 * A folder for a run, in memory where there is enough of it: the services sync every message as they always do, and how
 * long a disk takes for that, ten thousand times, is not what is tested.
 */
export function temporary(): Disposable & { readonly path: string } {
	const parent = isRoomy(MEMORY) ? MEMORY : tmpdir();
	const prefix = `troth-tests-${userInfo().uid}-`;
	forgetEnded(parent, prefix);
	const path = mkdtempSync(join(parent, `${prefix}${process.pid}-`));
	// As in the temp folder, other users' programs reach their own files in it: PostgreSQL does not run as root.
	chmodSync(path, 0o711);
	return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

function isRoomy(directory: string): boolean {
	if (!existsSync(directory)) return false;
	const { bavail, bsize } = statfsSync(directory);
	return bavail * bsize >= NEEDED_BYTES;
}

/** A run that was killed left its folder. */
function forgetEnded(parent: string, prefix: string): void {
	for (const name of readdirSync(parent)) {
		if (!name.startsWith(prefix)) continue;
		const pid = Number.parseInt(name.slice(prefix.length), 10);
		if (!isRunning(pid)) rmSync(join(parent, name), { recursive: true, force: true });
	}
}

function isRunning(pid: number): boolean {
	try {
		return process.kill(pid, 0);
	} catch {
		return false;
	}
}
