/** The parent as the benchmark runs it: the product's own, with its options in JSON; only the log lines go nowhere. */
import { SystemClock } from "@troth/protocol";
import { type FamilyOptions, startFamily } from "../../family/server.ts";

const given = JSON.parse(process.argv[2] ?? "") as Omit<FamilyOptions, "clock" | "trust"> & {
	trust: Omit<FamilyOptions["trust"], "policyKey"> & { policyKey: string };
};
const family = await startFamily({
	...given,
	trust: { ...given.trust, policyKey: Buffer.from(given.trust.policyKey, "hex") },
	clock: new SystemClock(),
	log: () => {},
});
process.send?.({ url: family.url });
process.once("SIGTERM", () => void family[Symbol.asyncDispose]().then(() => process.exit()));
