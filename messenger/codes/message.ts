/** What a person reads or hears. */

/**
 * The text of a message. Its last line binds the code to this site (WebOTP, "origin-bound one-time codes"): browsers
 * and keyboards offer it there, and on no site that only looks alike.
 *
 * @param origin the messenger's public origin
 */
export function codeText(code: string, origin: string): string {
	const { hostname } = new URL(origin);
	return `${code} is your code for Troth at ${hostname}. Nobody else needs it, and nobody of ours will ask for it.\n\n@${hostname} #${code}`;
}

/** What a call says, twice: digit by digit. */
export function codeSpeech(code: string): string {
	const digits = [...code].join(", ");
	return `Your code for Troth is: ${digits}. Once more: ${digits}.`;
}
