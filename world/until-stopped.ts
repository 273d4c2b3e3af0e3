/** Resolves at the first SIGINT, SIGTERM or SIGHUP; a second one ends the process the hard way. */
export function untilStopped(): Promise<void> {
	return new Promise((resolve) => {
		for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
	});
}
