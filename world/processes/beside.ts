/** The service beside a host application as a process of its own: consent and pages, without the right to share. */
import { type BesideOptions, startBeside } from "@troth/bridge/beside/index.ts";
import { serve } from "../supervision/serve.ts";

export type BesideProcessOptions = Omit<BesideOptions, "clock" | "log">;

export interface BesideFacts {
	readonly url: string;
}

serve<BesideProcessOptions, BesideFacts>(async (options, { clock }) => {
	const beside = await startBeside({ ...options, clock });
	return { facts: { url: beside.url }, [Symbol.asyncDispose]: () => beside[Symbol.asyncDispose]() };
});
