import { policyKeyOf } from "@troth/bridge";
import { openSecrets } from "../secrets.ts";

/**
 * What others have to know of a messenger before it runs: the public policy key of the one that keeps its files in this
 * directory, 32 bytes. Makes the keys where there are none. Rejects with SeedError.
 */
export async function messengerKeys(directory: string): Promise<{ readonly policyKey: Uint8Array }> {
	const { policySeed } = await openSecrets(directory);
	return { policyKey: policyKeyOf(policySeed).publicKey };
}
