/** How a code reaches a phone. Real providers (SMS, voice) implement this port. */
import type { PhoneNumber } from "@troth/protocol";

export interface CodeSender {
	/** Resolves when the provider has taken the message. Rejects where it can not: the person may try again. */
	send(phone: PhoneNumber, code: string): Promise<void>;
}

/** The development provider: prints codes where the person who runs the server sees them. Reaches no phone. */
export class ConsoleCodeSender implements CodeSender {
	/** The number is cut to its last two digits: consoles are copied into bug reports. */
	async send(phone: PhoneNumber, code: string): Promise<void> {
		process.stdout.write(`[development codes] code for the number ending in ${phone.slice(-2)}: ${code}\n`);
	}
}
