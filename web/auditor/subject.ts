/** What is to be checked: logs with their keys, witnesses, and how many of them are asked for. */
import { createRpc } from "@troth/client/sync/rpc.ts";
import { keysOf, ProofError } from "@troth/transparency";

export interface LogToCheck {
	/** "shares", "policy", "index", or the id of a recipient. */
	readonly name: string;
	readonly url: string;
	readonly vkey: string;
}

export interface Subject {
	readonly logs: readonly LogToCheck[];
	readonly witnesses: readonly string[];
	readonly quorum: number;
	/** Where the messenger publishes its pages; undefined where nobody said. */
	readonly server: string | undefined;
}

/** What a server says of itself: its logs, keys and witnesses. Rejects where it does not answer. */
export async function askServer(server: string): Promise<Subject> {
	const info = await createRpc({ server, fetch: (input, init) => fetch(input, init) }).server.getServerInfo({});
	const { witnesses, witnessQuorum } = info;
	const quorum = witnessQuorum === 0 ? Math.ceil(witnesses.length / 2) : witnessQuorum;
	return { logs: info.logs.map(({ name, url, vkey }) => ({ name, url, vkey })), witnesses, quorum, server };
}

/** One log a line: name, address, key. */
export function writeLogs(logs: readonly LogToCheck[]): string {
	return logs.map(({ name, url, vkey }) => `${name} ${url} ${vkey}`).join("\n");
}

/** Reads what somebody typed; the number of the first line that is none, where there is one. */
export function readSubject(
	logsText: string,
	witnessesText: string,
	quorumText: string,
	server: string | undefined,
): Subject | { readonly problem: "logs" | "witnesses" | "quorum"; readonly line: number } {
	const logs: LogToCheck[] = [];
	for (const [at, line] of linesOf(logsText)) {
		const [name = "", url = "", vkey = "", ...more] = line.split(/\s+/);
		if (more.length > 0 || !URL.canParse(url) || !isTrust(vkey, [])) return { problem: "logs", line: at };
		logs.push({ name, url, vkey });
	}
	if (logs.length === 0) return { problem: "logs", line: 1 };
	const witnesses: string[] = [];
	for (const [at, vkey] of linesOf(witnessesText)) {
		if (!isTrust(logs[0]?.vkey ?? "", [vkey])) return { problem: "witnesses", line: at };
		witnesses.push(vkey);
	}
	const quorum = /^\d{1,3}$/.test(quorumText.trim()) ? Number(quorumText) : Number.NaN;
	if (!(quorum <= witnesses.length)) return { problem: "quorum", line: 1 };
	return { logs, witnesses, quorum, server };
}

function linesOf(text: string): readonly (readonly [number, string])[] {
	return text
		.split("\n")
		.map((line, at) => [at + 1, line.trim()] as const)
		.filter(([, line]) => line !== "");
}

function isTrust(log: string, witnesses: readonly string[]): boolean {
	try {
		keysOf({ log, witnesses, quorum: 0 });
		return true;
	} catch (error) {
		if (error instanceof ProofError) return false;
		throw error;
	}
}
