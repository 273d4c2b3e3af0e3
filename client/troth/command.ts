/** What a command of `troth` is, and what it gets to work with. */
import type { Device } from "../device/api.ts";
import type { Output } from "./output.ts";

/** The command line does not make sense: exit code 2. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** Options and words after the command's name, as they were given. */
export interface Arguments {
	readonly words: readonly string[];
	readonly option: (name: string) => string | undefined;
	readonly flag: (name: string) => boolean;
}

/** What every command may use. */
export interface Surroundings {
	/** Directory of the profile: one device's state. */
	readonly profile: string;
	readonly passphrase: string | undefined;
	readonly output: Output;
	/** Asks the person on the terminal, or reads the next line where there is none. */
	readonly ask: (question: string) => Promise<string>;
	readonly interactive: boolean;
}

export interface Command {
	readonly name: string;
	/** After the name, e.g. "--to PHONE|CONVERSATION TEXT". */
	readonly usage: string;
	readonly summary: string;
	/** Its own options beside --profile and --json: takes a value, or is a flag. */
	readonly options: Readonly<Record<string, "string" | "boolean">>;
	run(args: Arguments, surroundings: Surroundings): Promise<void>;
}

/** The word at this place; throws UsageError where it is missing. */
export function requireWord(args: Arguments, at: number, what: string): string {
	const word = args.words[at];
	if (word === undefined || word === "") throw new UsageError(`${what} is missing`);
	return word;
}

/** A whole number of at least 1; undefined where the option was not given. Throws UsageError. */
export function countOption(args: Arguments, name: string): number | undefined {
	const text = args.option(name);
	if (text === undefined) return undefined;
	const count = Number(text);
	if (!Number.isInteger(count) || count < 1) throw new UsageError(`--${name}: a whole number of at least 1`);
	return count;
}

/** A command that works with the profile's open device. */
export type WithDevice = (device: Device, args: Arguments, surroundings: Surroundings) => Promise<void>;
