/** What a refusal of the messenger, or of the gateway's own device, means to a Cloud API client. */
import { isRefusal, type Refusal } from "@troth/protocol";
import { CloudError } from "./errors.ts";

/** One code for everything that keeps a message from somebody, so that a block can not be told from an absence. */
export function undeliverable(cause?: unknown): CloudError {
	return new CloudError(131026, "the recipient can not receive this message", { cause });
}

/** Every error as one that may be answered with. What nobody foresaw is 131000. */
export function toCloudError(error: unknown): CloudError {
	if (error instanceof CloudError) return error;
	return isRefusal(error) ? fromRefusal(error) : new CloudError(131000, "the gateway failed", { cause: error });
}

function fromRefusal(refusal: Refusal): CloudError {
	const cause = refusal;
	switch (refusal.code) {
		case "WINDOW_CLOSED":
			return new CloudError(131047, "more than 24 hours have passed since the customer last replied", { cause });
		case "CATEGORY_STOPPED":
		case "CATEGORY_NOT_ALLOWED":
			return new CloudError(131050, "no consent: the recipient stopped or never allowed this category", { cause });
		case "CATEGORY_INVALID":
		case "FORBIDDEN":
			return new CloudError(131037, "the operator has not approved this account as a business", { cause });
		case "TERMS_NOT_ACCEPTED":
		case "SUSPENDED":
			return new CloudError(131031, "the business has not accepted the terms in force", { cause });
		case "RATE_LIMITED":
			return new CloudError(130429, "too many requests", { cause, retryAtMs: refusal.fields.retryAtMs });
		case "TOO_LARGE":
			return new CloudError(131009, "the text is too long", { cause });
		case "NOT_A_MEMBER":
		case "DEVICE_LIST_INVALID":
			return undeliverable(cause);
		case "UNAVAILABLE":
			return new CloudError(131016, "the messenger can not be reached now", { cause });
		default:
			return new CloudError(131000, "the messenger did not take the message", { cause });
	}
}
