/** What each refusal means for the person, in English. A code without a sentence is shown as it is. */
import type { RefusalCode } from "@troth/protocol";

export const refusals: Readonly<Partial<Record<RefusalCode, string>>> = {
	RATE_LIMITED: "That was too often. Please wait a while and try again.",
	INTERNAL: "The server had a problem. Nothing was lost; please try again.",
	UNAVAILABLE: "The server cannot be reached right now.",
	VERSION_UNSUPPORTED: "This page is too old for the server. Reload it.",
	TOO_LARGE: "That is too long.",
	PHONE_INVALID: "This does not look like a complete phone number. Start with + and the country code.",
	CODE_LOCKED: "Five wrong codes: this code is used up. Ask for a new one.",
	CODE_EXPIRED: "This code is too old. Ask for a new one.",
	REGISTRATION_TOKEN_INVALID: "Registration took too long. Please start again with your number.",
	NOT_FOUND: "Nobody here has this number.",
	NO_KEY_PACKAGE: "This person has no device that can be reached yet.",
	TERMS_NOT_ACCEPTED: "This works once you have accepted the terms.",
	FORBIDDEN: "Only admins of this group can do that.",
	GROUP_FULL: "This group is full.",
	NOT_A_MEMBER: "You are no longer in this conversation.",
	BLOCKED: "This person does not take messages from you.",
	DEVICE_REMOVED: "This device was removed from your account.",
	SEQ_REUSED: "This browser's data is a copy or an old backup. It must be set up anew before it can send.",
	DEVICE_LIST_INVALID: "This person's list of devices does not verify, so nothing was sent.",
	COMMIT_INVALID: "The group changed in a way that does not verify. Please try again.",
	STALE_EPOCH: "The group changed at the same moment. Please try again.",
	COMMIT_REQUIRED: "The group has to finish a change first. Please try again.",
};
