/** The door's keys: derived from one seed in its directory, never stored. */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { openSeed } from "@troth/storage";
import { ed25519NoteSigner } from "@troth/transparency";

/** The signer of the share log's checkpoints. Makes the seed where there is none. Rejects with SeedError. */
export async function openLogSigner(directory: string, logName: string) {
	const seed = await openSeed(join(directory, "door.key"));
	const key = new Uint8Array(hkdfSync("sha256", seed, "", "troth/v1/door/share-log", 32));
	return ed25519NoteSigner(logName, key);
}

/**
 * What the others have to know of a door before it runs: the verifier key (C2SP signed-note) of the share log that it
 * keeps in this directory under this name. Makes the keys where there are none. Rejects with SeedError.
 */
export async function doorKeys(directory: string, logName: string): Promise<{ readonly vkey: string }> {
	const { vkey } = await openLogSigner(directory, logName);
	return { vkey };
}
