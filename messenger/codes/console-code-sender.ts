/** The development provider: prints codes where the person who runs the server sees them. Never a default for the public. */
import type { PhoneNumber } from "@troth/protocol";
import type { CodeSender } from "./port.ts";

export class ConsoleCodeSender implements CodeSender {
	readonly development = true;
	readonly #print: (line: string) => void;

	/** @param print where a line goes; standard output by default */
	constructor(print: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {
		this.#print = print;
	}

	/** The number is cut to its last four digits: consoles are copied into bug reports. */
	async send(phone: PhoneNumber, code: string): Promise<void> {
		this.#print(`[development codes] code for the number ending in ${phone.slice(-4)}: ${code}`);
	}
}
