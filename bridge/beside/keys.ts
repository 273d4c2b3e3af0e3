/** The service's keys: derived from one seed in its directory, never stored. */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { openSeed } from "@troth/storage";
import { type PolicyKey, policyKeyOf } from "../asking/policy-key.ts";

export async function openPolicyKey(directory: string): Promise<PolicyKey> {
	const seed = await openSeed(join(directory, "beside.key"));
	return policyKeyOf(new Uint8Array(hkdfSync("sha256", seed, "", "troth/v1/beside/policy", 32)));
}

/**
 * What the others have to know of the service before it runs: the public policy key of the one that keeps its files in
 * this directory, 32 bytes. Makes the keys where there are none. Rejects with SeedError.
 */
export async function besideKeys(directory: string): Promise<{ readonly policyKey: Uint8Array }> {
	return { policyKey: (await openPolicyKey(directory)).publicKey };
}
