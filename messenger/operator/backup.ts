/** Copies of everything, at the operator's word: taken, checked, and made ready to come back. */
import * as v from "valibot";
import type { MessengerContext } from "../context.ts";

/** Whoever runs the parts beside each other, and knows where they have their files. Directories are on its machine. */
export interface Backups {
	/** Makes a copy of all parts; `copyLogs` writes the messenger's own logs to a new file. */
	take(into: string, copyLogs: (path: string) => Promise<void>): Promise<BackupAnswer>;
	/** Holds a copy against itself; without one, what the parts have now. */
	verify(directory?: string): Promise<BackupAnswer>;
	/** Makes a copy ready to be put in the place of the data directory; refuses one that could not go on. */
	prepare(directory: string): Promise<BackupAnswer>;
}

export interface BackupAnswer {
	readonly good: boolean;
	/** JSON. */
	readonly body: object;
}

const Directory = v.pipe(v.string(), v.nonEmpty(), v.maxLength(4096), v.startsWith("/"));
const Request = v.object({ directory: v.optional(Directory) });

/** What is asked for, by the last word of the path. */
export type BackupAct = keyof Backups;

/** 201 or 200 where it is good, 409 where it is not, with what was found; 422 without a directory where one is needed. */
export async function backUpAsAsked(
	{ backups, logs }: Pick<MessengerContext, "backups" | "logs">,
	act: BackupAct,
	asked: unknown,
): Promise<{ readonly status: number; readonly body: object }> {
	if (backups === undefined) return { status: 404, body: { error: "NOT_FOUND" } };
	const request = v.safeParse(Request, asked ?? {});
	const directory = request.success ? request.output.directory : undefined;
	if (!request.success || (directory === undefined && act !== "verify"))
		return { status: 422, body: { error: "MALFORMED", message: "directory has to be a path from the root on" } };
	const { good, body } = await answerOf(act, directory ?? "", backups, logs);
	return { status: good ? (act === "take" ? 201 : 200) : 409, body };
}

function answerOf(
	act: BackupAct,
	directory: string,
	backups: Backups,
	logs: Pick<MessengerContext["logs"], "copyTo">,
): Promise<BackupAnswer> {
	if (act === "take") return backups.take(directory, (path) => logs.copyTo(path));
	if (act === "prepare") return backups.prepare(directory);
	return directory === "" ? backups.verify() : backups.verify(directory);
}
