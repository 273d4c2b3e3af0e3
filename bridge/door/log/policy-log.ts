/**
 * The log of policies (ADR 0010): each published version as the canonical JSON that was signed, in the order of the
 * versions. Whoever is shown a policy can tell whether everybody is.
 */
import { join } from "node:path";
import { LABELS, signedBytes } from "@troth/protocol";
import { verifyEd25519 } from "@troth/transparency";
import type { ShareSource } from "../source/share-source.ts";
import type { DoorLogOptions } from "./share-log.ts";
import { StoredLog } from "./stored-log.ts";

/** Opens the log. @param policyKey Ed25519, 32 bytes. Rejects with TileLogError, ProofError or StoreError. */
export function openPolicyLog(source: ShareSource, policyKey: Uint8Array, options: DoorLogOptions): Promise<StoredLog> {
	const published = new PublishedPolicies(source, policyKey);
	return StoredLog.open({
		...options,
		directory: join(options.directory, "policy-log"),
		read: async (from, limit) => (await published.all()).slice(from, from + limit),
	});
}

/** What the messenger published, kept because a published version never changes. */
class PublishedPolicies {
	readonly #source: ShareSource;
	readonly #key: Uint8Array;
	readonly #leaves: Uint8Array[] = [];
	#lastVersion = 0;

	constructor(source: ShareSource, key: Uint8Array) {
		this.#source = source;
		this.#key = key;
	}

	/** Up to the first one that the policy key did not sign: what stands behind it would otherwise take its place. */
	async all(): Promise<readonly Uint8Array[]> {
		for (const { version, policy, signature } of await this.#source.policiesAfter(this.#lastVersion)) {
			const leaf = new TextEncoder().encode(policy);
			if (signature === null || !verifyEd25519(this.#key, signedBytes(LABELS.policy, leaf), signature)) break;
			this.#leaves.push(leaf);
			this.#lastVersion = version;
		}
		return this.#leaves;
	}
}
