/** Copies of a server's data: where they lie, and what was found in them. Directories are on the server's machine. */
import { resolve } from "node:path";
import { type Arguments, requireWord, type Surroundings } from "../command.ts";
import { askOperator, OperatorRefusal } from "./operator-request.ts";

const BACKUP = "/operator/backup";

interface Checked {
	readonly what: string;
	readonly good: boolean;
	readonly note: string;
}

type Action = (args: Arguments, surroundings: Surroundings) => Promise<void>;

export const backup: Action = async (args, { output }) => {
	const directory = resolve(requireWord(args, 1, "DIR"));
	const { files, bytes, leftOut, checked } = await askAbout(args, BACKUP, { directory });
	tell(checked, output);
	output.say(
		{ directory, files, bytes, leftOut },
		`It is in ${directory}: ${String(files)} files, ${(Number(bytes) / 1e6).toFixed(1)} MB. It holds every key: keep it as the server itself.${leftOutWords(leftOut)}`,
	);
};

/** A device that came back would use its keys twice: whose it is registers it anew. */
function leftOutWords(leftOut: unknown): string {
	if (!Array.isArray(leftOut) || leftOut.length === 0) return "";
	return ` Left out, because a device must not come back from a copy: ${leftOut.join(", ")}.`;
}

export const verify: Action = async (args, { output }) => {
	const word = args.words[1];
	const { checked } = await askAbout(args, `${BACKUP}/verify`, word === undefined ? {} : { directory: resolve(word) });
	tell(checked, output);
	output.say({ verified: true }, "All of it fits together.");
};

export const restore: Action = async (args, { output }) => {
	const directory = resolve(requireWord(args, 1, "DIR"));
	const { checked, generation } = await askAbout(args, `${BACKUP}/restore`, { directory });
	tell(checked, output);
	output.say(
		{ directory, generation },
		`${directory} is ready (generation ${String(generation)}). Stop the server, put it in the place of the data directory, and start.`,
	);
};

async function askAbout(args: Arguments, path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
	const { status, answer } = await askOperator(args, path, { method: "POST", body: JSON.stringify(body) });
	if (status < 300) return answer;
	const wrong = (listOf(answer["checked"]) ?? []).filter(({ good }) => !good);
	const found = wrong.map(({ what, note }) => `${what}: ${note}`).join("; ");
	const code = typeof answer["error"] === "string" ? answer["error"] : "UNFIT";
	throw new OperatorRefusal(code, found === "" ? String(answer["message"] ?? `the server answered ${status}`) : found);
}

function tell(checked: unknown, output: Surroundings["output"]): void {
	for (const line of listOf(checked) ?? [])
		output.say({ ...line }, `${line.good ? "ok   " : "WRONG"}  ${line.what}: ${line.note}`);
}

function listOf(checked: unknown): readonly Checked[] | undefined {
	return Array.isArray(checked) ? (checked as readonly Checked[]) : undefined;
}
