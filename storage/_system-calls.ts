/** Reads the system calls that strace saw (`strace -f -y`), and looks for writes that nobody synced. */

export interface SystemCall {
	readonly name: string;
	/** The file of its first argument. */
	readonly path: string;
	readonly text: string;
	/** Lines of the trace on which it began and ended. */
	readonly began: number;
	readonly ended: number;
}

const CALL = /^(\d+)\s+(\w+)\((.*)$/;
const RESUMED = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$/;
const UNFINISHED = "<unfinished ...>";

/** The calls that ended well, in the order of their ends. */
export function parseTrace(trace: string): readonly SystemCall[] {
	const calls: SystemCall[] = [];
	const open = new Map<string, { name: string; text: string; began: number }>();
	for (const [index, line] of trace.split("\n").entries()) {
		const resumed = RESUMED.exec(line);
		const [, thread = "", name = "", rest = ""] = resumed ?? CALL.exec(line) ?? [];
		if (thread === "") continue;
		if (rest.endsWith(UNFINISHED)) {
			open.set(thread, { name, text: rest.slice(0, -UNFINISHED.length), began: index });
			continue;
		}
		const started = resumed === null ? undefined : open.get(thread);
		const text = (started?.text ?? "") + rest;
		if (/ = -1 E/.test(text)) continue;
		const path = /^\d+<([^>]*)>/.exec(text)?.[1] ?? "";
		calls.push({ name, path, text, began: started?.began ?? index, ended: index });
	}
	return calls;
}

export interface Acknowledged {
	/** Bytes that stand in the write and nowhere else. */
	readonly stored: string;
	/** What the program prints when it acknowledges them. */
	readonly said: string;
}

/**
 * What was acknowledged before it was safe: between the end of the write that holds the bytes and the beginning of the
 * acknowledgement, no sync of the same file ran from beginning to end.
 */
export function findUnsynced(calls: readonly SystemCall[], entries: readonly Acknowledged[]): readonly string[] {
	return entries.flatMap(({ stored, said }) => {
		const acknowledgement = calls.find(({ name, text }) => name === "write" && text.includes(said));
		if (acknowledgement === undefined) return [`${said}: never acknowledged`];
		const write = calls.find(({ name, text, ended }) => {
			return /^pwrite|^writev|^write$/.test(name) && ended < acknowledgement.began && text.includes(stored);
		});
		if (write === undefined) return [`${said}: acknowledged and never written`];
		const synced = calls.some(({ name, path, began, ended }) => {
			return /^f(data)?sync$/.test(name) && path === write.path && began > write.ended && ended < acknowledgement.began;
		});
		return synced ? [] : [`${said}: acknowledged before a sync of ${write.path}`];
	});
}
