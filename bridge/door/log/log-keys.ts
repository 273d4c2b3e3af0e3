/** The keys of the door's logs: derived from its seed, never stored, and each for one log. */
import { hkdfSync } from "node:crypto";
import { join } from "node:path";
import { openSeed } from "@troth/storage";
import { ed25519NoteSigner, type NoteSigner } from "@troth/transparency";

export interface LogSigners {
	readonly shares: NoteSigner;
	readonly policy: NoteSigner;
	readonly index: NoteSigner;
}

/** The name of another log beside the share log: "troth.example/policy" beside "troth.example/shares". */
function beside(logName: string, name: string): string {
	return `${logName.replace(/\/shares$/, "")}/${name}`;
}

/** The signers of the door's logs. Makes the seed where there is none. Rejects with SeedError. */
export async function openLogSigners(directory: string, logName: string): Promise<LogSigners> {
	const seed = await openSeed(join(directory, "door.key"));
	const key = (use: string) => new Uint8Array(hkdfSync("sha256", seed, "", `troth/v1/door/${use}`, 32));
	return {
		shares: ed25519NoteSigner(logName, key("share-log")),
		policy: ed25519NoteSigner(beside(logName, "policy"), key("policy-log")),
		index: ed25519NoteSigner(beside(logName, "index"), key("index-log")),
	};
}
