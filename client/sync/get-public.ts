/** Reads what everybody may read, from logs and their witnesses, without anything that says who asks. */
import type { Get } from "@troth/transparency";

const TIMEOUT_MS = 8_000;

export function publicGet(fetch: typeof globalThis.fetch): Get {
	return (url) =>
		fetch(url, {
			credentials: "omit",
			redirect: "error",
			referrerPolicy: "no-referrer",
			signal: AbortSignal.timeout(TIMEOUT_MS),
		});
}
