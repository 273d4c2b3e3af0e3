/** The door's keys: derived from one seed in its directory, never stored. */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { openSeed } from "@troth/storage";
import { openLogSigners } from "./log/log-keys.ts";

/** The share key of what is about nobody. Rejects with SeedError. */
export async function openInstallationKey(directory: string): Promise<Uint8Array> {
	const seed = await openSeed(join(directory, "door.key"));
	return new Uint8Array(hkdfSync("sha256", seed, "", "troth/v1/door/installation", 32));
}

/** Verifier keys (C2SP signed-note) of the door's logs. */
export interface DoorKeys {
	/** Of the share log. */
	readonly vkey: string;
	readonly policyVkey: string;
	/** Of the log of the index of the share log's chain values. */
	readonly indexVkey: string;
}

/**
 * What the others have to know of a door before it runs: the keys of the logs that it keeps in this directory, the share
 * log under this name and the others beside it. Makes the keys where there are none. Rejects with SeedError.
 */
export async function doorKeys(directory: string, logName: string): Promise<DoorKeys> {
	const { shares, policy, index } = await openLogSigners(directory, logName);
	return { vkey: shares.vkey, policyVkey: policy.vkey, indexVkey: index.vkey };
}
