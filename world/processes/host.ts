/** The sample host application of the profile `bridge` as a process of its own. */
import { type SampleHostOptions, startSampleHost } from "../host/sample-host.ts";
import { serve } from "../supervision/serve.ts";

export type HostProcessOptions = Omit<SampleHostOptions, "clock">;

export interface HostFacts {
	readonly url: string;
}

serve<HostProcessOptions, HostFacts>(async (options, { clock }) => {
	const shop = await startSampleHost({ ...options, clock });
	return { facts: { url: shop.url }, [Symbol.asyncDispose]: () => shop[Symbol.asyncDispose]() };
});
