/** Two voices of one answer: a line for people, or one JSON object a line for programs. */
import { isRefusal } from "@troth/protocol";

export interface Output {
	/** Says one thing: `json` with --json, otherwise the text (nothing where it is empty). */
	say(json: Readonly<Record<string, unknown>>, text: string): void;
	/** A remark for people; programs have no use for it. */
	remark(text: string): void;
	/** Says why it did not work, on standard error. */
	fail(error: unknown): void;
}

/** @param write where lines go; @param complain where errors go */
export function makeOutput(json: boolean, write: (line: string) => void, complain: (line: string) => void): Output {
	return {
		say(object, text) {
			if (json) write(JSON.stringify(object));
			else if (text !== "") write(text);
		},
		remark(text) {
			if (!json) write(text);
		},
		fail(error) {
			const { code, message, retryAt } = describe(error);
			const hint = retryAt === undefined ? "" : ` (again at ${new Date(retryAt).toISOString()})`;
			complain(
				json ? JSON.stringify({ error: { code, message, ...(retryAt !== undefined && { retryAt }) } }) : message + hint,
			);
		},
	};
}

interface Description {
	readonly code: string;
	readonly message: string;
	readonly retryAt: number | undefined;
}

const SENTENCES: Partial<Record<string, string>> = {
	TERMS_NOT_ACCEPTED: "The terms are not accepted yet: read them with `troth terms`, then `troth accept VERSION`.",
	CONSENT_CONFLICT: "This was decided elsewhere meanwhile: look at `troth terms`, then decide again.",
	PURPOSE_NOT_ALLOWED: "The rules for your region or age do not take this yes: look at `troth terms`.",
	SUSPENDED: "The time to accept the terms is over: read them with `troth terms`, then `troth accept VERSION`.",
	PHONE_INVALID: "This is no phone number: write it like +15550100001.",
	CODE_WRONG: "The code is wrong.",
	CODE_LOCKED: "Too many wrong codes: ask for a new one.",
	CODE_EXPIRED: "The code is too old: ask for a new one.",
	NUMBER_LOCKED: "This number is held by a registration lock: it needs the PIN of who has it.",
	NUMBER_RESTING: "Somebody gave this number up a short while ago and may come back to it: wait.",
	NUMBER_CHANGED_RECENTLY: "Your number changed a short while ago: back to the old one for three days, or wait.",
	PIN_WRONG: "The PIN is wrong.",
	PIN_LOCKED: "Too many wrong PINs: wait a day.",
	RATE_LIMITED: "Too often: wait a while.",
	KEYS_CHANGED:
		"The key of somebody here changed since you verified them: look with `troth verify PHONE`, then --ignore or --accept.",
	NO_KEY_PACKAGE: "They have no device that could be written to.",
	DEVICE_REMOVED: "This device was removed from its account.",
	DEVICE_UNLINKED: "This device was not used for 30 days and was unlinked: link it anew with a fresh profile.",
	DEVICES_FULL: "Your account has as many devices as it may have: remove one first.",
	USERNAME_INVALID:
		"A username has 3 to 30 letters (a-z), digits, points and underscores, with a letter or digit at both ends.",
	USERNAME_TAKEN: "This username can not be had.",
	LINK_KEY_WRONG: "The server names another key than this link: do not write to this account. Ask for the link again.",
	SEQ_REUSED: "This profile is a copy or was restored: register anew with a fresh one.",
};

function describe(error: unknown): Description {
	if (isRefusal(error)) {
		const left = error.fields.attemptsLeft ?? 0;
		const message =
			(SENTENCES[error.code] ?? error.message) + (error.code === "CODE_WRONG" ? ` ${left} attempts left.` : "");
		return { code: error.code, message, retryAt: error.fields.retryAtMs };
	}
	if (error instanceof Error) {
		const code = "code" in error && typeof error.code === "string" ? error.code : "FAILED";
		return { code, message: error.message, retryAt: undefined };
	}
	return { code: "FAILED", message: "it did not work", retryAt: undefined };
}
