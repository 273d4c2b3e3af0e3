/** Usernames: what may be one. Letters of one alphabet only, so that no two that look alike to everybody differ. */

/** With the "@" that people may write before it. */
const WRITTEN = /^@?([A-Za-z0-9._]{3,30})$/;
const SHAPE = /^[a-z0-9]+([._][a-z0-9]+)*$/;

/**
 * The username as it is kept and compared, in lower case; undefined for what is none: 3 to 30 of a-z, 0-9, "." and "_",
 * a letter or digit at both ends, no two signs in a row, and a letter somewhere, so that it is never taken for a number.
 */
export function readUsername(text: string): string | undefined {
	const name = WRITTEN.exec(text.trim())?.[1]?.toLowerCase();
	return name !== undefined && SHAPE.test(name) && /[a-z]/.test(name) ? name : undefined;
}
