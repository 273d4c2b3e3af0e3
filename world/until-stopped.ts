/**
 * Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process the hard way. Also when nobody reads
 * any more what we print (`| head -1`, or whoever started us was killed): without an end in order, what runs beside
 * us and the files that we made would be left behind.
 */
export function untilStopped(): Promise<void> {
	return new Promise((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
		for (const stream of [process.stdout, process.stderr]) {
			stream.on("error", (error: NodeJS.ErrnoException) => {
				if (error.code !== "EPIPE") throw error;
				resolve();
			});
		}
	});
}
