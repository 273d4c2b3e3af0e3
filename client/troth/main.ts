/** The process of `troth`: a device on the command line (contract: docs/troth.md). */
import { constants, homedir } from "node:os";
import { createInterface } from "node:readline/promises";
import { runTroth } from "./run.ts";

/** As shells count: 128 and the signal's number. */
const ENDED_BY_SIGPIPE = 128 + constants.signals.SIGPIPE;

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

// Whoever read us has read enough (`troth history … | head -1`): we end as what SIGPIPE ends, and say nothing. Node
// ignores that signal. What is stored stays whole, as after any other end.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit(ENDED_BY_SIGPIPE);
	});
}
const terminal = new Terminal();
process.exitCode = await runTroth(process.argv.slice(2), {
	print: (lines) => process.stdout.write(`${lines}\n`),
	complain: (lines) => process.stderr.write(`${lines}\n`),
	ask: (question) => terminal.ask(question),
	interactive: process.stdin.isTTY === true,
	home: homedir(),
	passphrase: process.env["TROTH_PASSPHRASE"] || undefined,
});
terminal.close();
