/**
 * `troth`: a device on the command line (contract: docs/troth.md). Exit codes: 0 done, 1 refused, 2 wrong usage.
 */
import { constants, homedir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { type Arguments, type Command, UsageError } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { makeOutput } from "./output.ts";

/** As shells count: 128 and the signal's number. */
const ENDED_BY_SIGPIPE = 128 + constants.signals.SIGPIPE;
const COMMON = { profile: "string", json: "boolean", help: "boolean" } as const;

async function main(argv: readonly string[]): Promise<number> {
	const name = argv[0] ?? "";
	const json = argv.includes("--json");
	const output = makeOutput(
		json,
		(line) => process.stdout.write(`${line}\n`),
		(line) => process.stderr.write(`${line}\n`),
	);
	if (name === "" || name === "help" || name === "--help") {
		process.stdout.write(`${await overview()}\n`);
		return name === "" ? 2 : 0;
	}
	const command = await COMMANDS.get(name)?.();
	if (command === undefined) {
		output.fail(new UsageError(`there is no command ${name}\n${json ? "" : await overview()}`.trim()));
		return 2;
	}
	const terminal = new Terminal();
	try {
		const args = parse(command, argv.slice(1));
		if (args.flag("help")) {
			process.stdout.write(`troth ${command.name} ${command.usage}\n  ${command.summary}\n`);
			return 0;
		}
		await command.run(args, {
			profile: args.option("profile") ?? join(homedir(), ".troth"),
			passphrase: process.env["TROTH_PASSPHRASE"] || undefined,
			output,
			ask: (question) => terminal.ask(question),
			interactive: process.stdin.isTTY === true,
		});
		return 0;
	} catch (error) {
		output.fail(error);
		if (!(error instanceof UsageError)) return 1;
		if (!json) process.stderr.write(`usage: troth ${command.name} ${command.usage}\n`);
		return 2;
	} finally {
		terminal.close();
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

/** Asks on a terminal; without one, every question is answered by the next line of the input. */
class Terminal {
	#lines: AsyncIterator<string> | undefined;
	#reader: ReturnType<typeof createInterface> | undefined;

	async ask(question: string): Promise<string> {
		this.#reader ??= createInterface({ input: process.stdin });
		this.#lines ??= this.#reader[Symbol.asyncIterator]();
		// A program that answers has no use for the question, and reads standard error for errors.
		if (process.stdin.isTTY === true) process.stderr.write(question);
		const line = await this.#lines.next();
		return line.done === true ? "" : line.value.trim();
	}

	close(): void {
		this.#reader?.close();
		if (this.#reader !== undefined) process.stdin.destroy();
	}
}

async function overview(): Promise<string> {
	const commands = await Promise.all([...COMMANDS.values()].map((load) => load()));
	const width = Math.max(...commands.map((command) => command.name.length));
	const rows = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
	return `usage: troth COMMAND [--profile DIR] [--json] …\n\n${rows.join("\n")}\n\ntroth COMMAND --help says more.`;
}

// Whoever read us has read enough (`troth history … | head -1`): we end as what SIGPIPE ends, and say nothing. Node
// ignores that signal. What is stored stays whole, as after any other end.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit(ENDED_BY_SIGPIPE);
	});
}
process.exitCode = await main(process.argv.slice(2));
