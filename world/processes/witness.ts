/** A witness as a process of its own, with a key of its own. */
import { startWitness, type WitnessOptions } from "@troth/transparency/witness/witness.node.ts";
import { serve } from "../supervision/serve.ts";

export type WitnessProcessOptions = Omit<WitnessOptions, "clock" | "log">;

export interface WitnessFacts {
	readonly url: string;
	readonly vkey: string;
}

serve<WitnessProcessOptions, WitnessFacts>(async (options, { clock }) => {
	const witness = await startWitness({ ...options, clock });
	return {
		facts: { url: witness.url, vkey: witness.vkey },
		[Symbol.asyncDispose]: () => witness[Symbol.asyncDispose](),
	};
});
