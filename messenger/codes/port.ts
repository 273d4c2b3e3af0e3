/** How a code reaches a phone. Real providers (SMS, voice) implement this port. */
import type { PhoneNumber } from "@troth/protocol";

export interface CodeSender {
	/** True for a provider that reaches no phone: clients show that this server is not for the public. */
	readonly development: boolean;
	/** Resolves when the provider has taken the message. Rejects where it can not: the person may try again. */
	send(phone: PhoneNumber, code: string): Promise<void>;
}
