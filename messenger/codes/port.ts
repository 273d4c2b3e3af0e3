/** How a code reaches a phone. Providers of text messages and calls implement this port. */
import type { PhoneNumber } from "@troth/protocol";

/** A text message, or a call that reads the code out: for phones that get no messages, and for people who can not read them. */
export type CodeChannel = "sms" | "voice";

export interface CodeSender {
	/** True for a provider that reaches no phone: clients show that this server is not for the public. */
	readonly development: boolean;
	/** Ways to a phone beside text messages; none where it is left out. */
	readonly voice?: boolean;
	/** Resolves when the provider has taken it. Rejects with CodeSendError where it does not: the person may try again. */
	send(phone: PhoneNumber, code: string, channel: CodeChannel): Promise<void>;
}

export type CodeSendErrorCode =
	/** No answer, or none in time: it may have been taken all the same. */
	| "UNREACHABLE"
	/** The provider says that nothing can be sent to this number. */
	| "NUMBER_UNREACHABLE"
	/** The provider wants less at once. */
	| "TOO_MANY"
	/** Anything else it said: a wrong secret, no credit, a defect. */
	| "REFUSED";

/** Says nothing of the number or the code. */
export class CodeSendError extends Error {
	override readonly name = "CodeSendError";
	readonly code: CodeSendErrorCode;

	constructor(code: CodeSendErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}
