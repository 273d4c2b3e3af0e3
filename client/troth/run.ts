/** One run of `troth`, whoever asks for it: words in, lines and an exit code out (contract: docs/troth.md). */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Arguments, type Command, UsageError } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { makeOutput } from "./output.ts";

const COMMON = { profile: "string", json: "boolean", help: "boolean" } as const;

/** Where a command is run: a process with its streams, or a test. */
export interface Shell {
	/** One line, or a few, of what was asked for; without the last line's end. */
	print(lines: string): void;
	/** What went wrong. */
	complain(lines: string): void;
	/** The person's answer, or the next line of the input; empty when there is none. */
	ask(question: string): Promise<string>;
	/** A person sits there. */
	readonly interactive: boolean;
	/** The folder of the person who calls; the profile lies in it unless --profile says otherwise. */
	readonly home: string;
	readonly passphrase: string | undefined;
}

/** Runs the command that the words name. Gives the exit code: 0 done, 1 refused, 2 wrong usage. Never rejects. */
export async function runTroth(words: readonly string[], shell: Shell): Promise<number> {
	const name = words[0] ?? "";
	const json = words.includes("--json");
	const output = makeOutput(
		json,
		(line) => shell.print(line),
		(line) => shell.complain(line),
	);
	if (name === "" || name === "help" || name === "--help") {
		shell.print(await overview());
		return name === "" ? 2 : 0;
	}
	const command = await COMMANDS.get(name)?.();
	if (command === undefined) {
		output.fail(new UsageError(`there is no command ${name}\n${json ? "" : await overview()}`.trim()));
		return 2;
	}
	try {
		const args = parse(command, words.slice(1));
		if (args.flag("help")) {
			shell.print(`troth ${command.name} ${command.usage}\n  ${command.summary}`);
			return 0;
		}
		await command.run(args, {
			profile: args.option("profile") ?? join(shell.home, ".troth"),
			passphrase: shell.passphrase,
			output,
			ask: (question) => shell.ask(question),
			interactive: shell.interactive,
		});
		return 0;
	} catch (error) {
		output.fail(error);
		if (!(error instanceof UsageError)) return 1;
		if (!json) shell.complain(`usage: troth ${command.name} ${command.usage}`);
		return 2;
	}
}

function parse(command: Command, argv: readonly string[]): Arguments {
	const options = Object.fromEntries(
		Object.entries({ ...command.options, ...COMMON }).map(([option, type]) => [option, { type }] as const),
	);
	try {
		const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
		return {
			words: positionals,
			option: (option) => (typeof values[option] === "string" ? values[option] : undefined),
			flag: (option) => values[option] === true,
		};
	} catch (error) {
		throw new UsageError(error instanceof Error ? error.message : "wrong options");
	}
}

async function overview(): Promise<string> {
	const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
	const width = Math.max(...commands.map((command) => command.name.length));
	const rows = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
	return `usage: troth COMMAND [--profile DIR] [--json] …\n\n${rows.join("\n")}\n\ntroth COMMAND --help says more.`;
}
