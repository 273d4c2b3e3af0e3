/** The parent, or another company of its family, as a process of its own. */
import { type FamilyOptions, startFamily } from "@troth/family";
import { serve } from "../supervision/serve.ts";

/** What a company is started with, beside clock and codes. */
export type FamilyProcessOptions = Omit<FamilyOptions, "clock" | "codes" | "onCode" | "log"> & {
	/** As with the messenger's process. */
	readonly codes: "told" | "console";
};

export interface FamilyFacts {
	readonly url: string;
	/** Base of the Marketing API; undefined where the company has no ads. */
	readonly graphUrl: string | undefined;
}

serve<FamilyProcessOptions, FamilyFacts>(async ({ codes, ...options }, { clock, tell }) => {
	const family = await startFamily({
		...options,
		clock,
		...(codes === "told" && { codes: { send: async () => {} } }),
		onCode: (phone, code) => tell({ kind: "code", phone, code }),
	});
	return {
		facts: { url: family.url, graphUrl: family.graphUrl },
		[Symbol.asyncDispose]: () => family[Symbol.asyncDispose](),
	};
});
