/**
 * How long a search goes on: property tests, fuzzers and fault rounds give their normal count, and `npm run test:long`
 * multiplies it (`TROTH_ROUNDS`), up to `most`. `npm test` runs each search once, shortly.
 */
export function rounds(normal: number, most = Number.POSITIVE_INFINITY): number {
	const factor = Number(process.env["TROTH_ROUNDS"] ?? 1);
	if (!(factor >= 1)) throw new RangeError("TROTH_ROUNDS has to be a number of at least 1");
	return Math.min(most, Math.ceil(normal * factor));
}
