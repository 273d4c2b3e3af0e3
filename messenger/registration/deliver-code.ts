import { type PhoneNumber, Refusal } from "@troth/protocol";
import type { MessengerContext } from "../context.ts";

/** Hands a code to the provider. Refuses with UNAVAILABLE where it does not take it. */
export async function deliverCode(
	{ codes, events }: MessengerContext,
	phone: PhoneNumber,
	code: string,
): Promise<void> {
	try {
		await codes.send(phone, code);
	} catch (error) {
		events.jobFailed("send-code", error);
		throw new Refusal("UNAVAILABLE", "the code could not be sent", { cause: error });
	}
}
