/** The policies that were published, as the door believes them: with the policy key's signature, or not at all. */
import { LABELS, signedBytes } from "@troth/protocol";
import { verifyEd25519 } from "@troth/transparency";
import { type Policy, readPublishedPolicy } from "../../policy/policy.ts";
import type { ShareSource } from "./share-source.ts";

/**
 * The newest published policy is not signed by the policy key: nothing can be decided under it. An older one that is not
 * signed stays away from the shelf, and who accepted that one shares nothing.
 */
export class PolicyUnsigned extends Error {
	override readonly name = "PolicyUnsigned";
}

/** A policy with the policy key's signature over its canonical form. */
export interface ShelvedPolicy extends Policy {
	readonly signature: Uint8Array;
}

export class PolicyShelf {
	readonly #source: ShareSource;
	readonly #key: Uint8Array;
	/** Oldest first. A published policy never changes. */
	readonly #policies: ShelvedPolicy[] = [];

	/** @param policyKey Ed25519, 32 bytes. */
	constructor(source: ShareSource, policyKey: Uint8Array) {
		this.#source = source;
		this.#key = policyKey;
	}

	/** Takes in what was published meanwhile. Rejects with PolicyUnsigned, PolicyError or StoreError. */
	async refresh(): Promise<void> {
		const published = await this.#source.policiesAfter(this.current?.version ?? 0);
		for (const { version, policy: text, signature } of published) {
			const bytes = new TextEncoder().encode(text);
			if (signature !== null && verifyEd25519(this.#key, signedBytes(LABELS.policy, bytes), signature)) {
				this.#policies.push({ ...readPublishedPolicy(text), signature });
			} else if (version === published.at(-1)?.version) {
				throw new PolicyUnsigned(`the policy of version ${version} is not signed by the policy key`);
			}
		}
	}

	/** The newest one; undefined while nothing is published. */
	get current(): ShelvedPolicy | undefined {
		return this.#policies.at(-1);
	}

	/** Undefined for a version that is not on the shelf. */
	version(version: number): ShelvedPolicy | undefined {
		return this.#policies.find((policy) => policy.version === version);
	}
}
