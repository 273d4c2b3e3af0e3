/** The command lines of `npm start` and `npm run sandbox`. */
import { parseArgs } from "node:util";

/** The command line asks for something that is not there. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

export interface SandboxOptions {
	readonly json: boolean;
	readonly people: number;
}

const PROFILES_TO_COME = ["world", "bridge"];
const MOST_PEOPLE = 1000;

/** Reads the sandbox's options (contract: `docs/sandbox.md`). Throws UsageError. */
export function readSandboxOptions(args: readonly string[]): SandboxOptions {
	const { values } = parse(args, {
		json: { type: "boolean", default: false },
		people: { type: "string", default: "10" },
		profile: { type: "string", default: "messenger" },
		store: { type: "string", default: "sqlite" },
		nodes: { type: "string", default: "1" },
	});
	checkProfile(values["profile"]);
	if (values["store"] !== "sqlite") throw new UsageError("--store: only sqlite exists so far");
	if (values["nodes"] !== "1") throw new UsageError("--nodes: only one messenger node exists so far");
	const people = Number(values["people"]);
	if (!Number.isInteger(people) || people < 0 || people > MOST_PEOPLE)
		throw new UsageError(`--people: a number from 0 to ${MOST_PEOPLE}`);
	return { json: values["json"] === true, people };
}

/** Reads the options of `npm start`. Throws UsageError. */
export function readStartOptions(args: readonly string[]): void {
	const { values } = parse(args, { profile: { type: "string", default: "messenger" } });
	checkProfile(values["profile"]);
}

function checkProfile(profile: unknown): void {
	if (profile === "messenger") return;
	if (typeof profile === "string" && PROFILES_TO_COME.includes(profile))
		throw new UsageError(`--profile ${profile} does not exist yet: today the messenger runs alone`);
	throw new UsageError("--profile: only messenger exists so far");
}

function parse(args: readonly string[], options: NonNullable<Parameters<typeof parseArgs>[0]>["options"] & {}) {
	try {
		return parseArgs({ args: [...args], options, strict: true });
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : "wrong usage");
	}
}
