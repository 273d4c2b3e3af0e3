/** A town without businesses. */
import type { Businesses } from "../context.ts";

export const NO_BUSINESSES: Businesses = {
	isBusiness: () => false,
	saidBy: async () => new Map(),
	wroteIn: async () => new Map(),
	noteWrote: () => {},
};
