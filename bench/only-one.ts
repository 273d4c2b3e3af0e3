/** Two benchmarks at a time would measure each other: the second one ends with a clear line. */
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Another benchmark is running. */
export class BusyError extends Error {
	override readonly name = "BusyError";
}

/** Holds `path` until it is disposed. What a process left that is gone counts for nothing. Rejects with BusyError. */
export async function onlyOne(path: string): Promise<AsyncDisposable> {
	await mkdir(dirname(path), { recursive: true });
	for (;;) {
		try {
			await writeFile(path, String(process.pid), { flag: "wx" });
			return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
		}
		const holder = Number(await readFile(path, "utf8").catch(() => ""));
		if (holder > 0 && isRunning(holder)) throw new BusyError(`another benchmark is running here (process ${holder})`);
		await rm(path, { force: true });
	}
}

function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === "EPERM";
	}
}
