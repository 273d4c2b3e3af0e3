import { type PhoneNumber, Refusal } from "@troth/protocol";
import { type CodeChannel, CodeSendError } from "../codes/port.ts";
import type { MessengerContext } from "../context.ts";

/**
 * Hands a code to the provider. Refuses with UNAVAILABLE where it does not take it or can not call, and with PHONE_INVALID
 * where it says that nothing reaches the number.
 */
export async function deliverCode(
	{ codes, events }: MessengerContext,
	phone: PhoneNumber,
	code: string,
	channel: CodeChannel = "sms",
): Promise<void> {
	try {
		await codes.send(phone, code, channel);
	} catch (error) {
		if (error instanceof CodeSendError && error.code === "NUMBER_UNREACHABLE")
			throw new Refusal("PHONE_INVALID", "nothing can be sent to this number", { cause: error });
		events.jobFailed("send-code", error);
		throw new Refusal("UNAVAILABLE", "the code could not be sent", { cause: error });
	}
}
