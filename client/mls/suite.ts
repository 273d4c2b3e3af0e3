/** The one cipher suite of the protocol and how ts-mls is set up for it. */
import { CIPHER_SUITE } from "@troth/protocol";
import type {
	AuthenticationService,
	Capabilities,
	Ciphersuite,
	CiphersuiteName,
	ClientConfig,
	KeyPackageEqualityConfig,
} from "ts-mls";
import { ciphersuites, getCiphersuiteFromName } from "ts-mls/crypto/ciphersuite.js";
import { constantTimeEqual } from "ts-mls/util/constantTimeCompare.js";
import { accepting, ownerOf } from "./leaves.ts";
import { FORWARD_STEPS, SKIPPED_KEPT } from "./message-ratchet.ts";

export const SUITE_NAME = "MLS_256_XWING_AES256GCM_SHA512_Ed25519" satisfies CiphersuiteName;
if (ciphersuites[SUITE_NAME] !== CIPHER_SUITE) throw new Error("ts-mls numbers its suites otherwise than the protocol");

export const SUITE: Ciphersuite = getCiphersuiteFromName(SUITE_NAME);

/** Key package extension of draft-ietf-mls-extensions: may be used more than once, when no other is left. */
export const LAST_RESORT_EXTENSION = 0x000a;

/** The same for every leaf, and no more than we speak: a leaf is sent to every member. */
export const CAPABILITIES: Capabilities = {
	versions: ["mls10"],
	ciphersuites: [SUITE_NAME],
	extensions: [LAST_RESORT_EXTENSION],
	proposals: [],
	credentials: ["basic"],
};

/** A device is in a group once, whichever of its keys it comes with. */
const EQUALITY: KeyPackageEqualityConfig = {
	compareKeyPackages: (a, b) => sameClient(a.leafNode, b.leafNode),
	compareKeyPackageToLeafNode: (a, b) => sameClient(a.leafNode, b),
};

type Leaf = Parameters<typeof ownerOf>[0];

export function sameClient(a: Leaf, b: Leaf): boolean {
	return constantTimeEqual(a.signaturePublicKey, b.signaturePublicKey) || ownerOf(a).device === ownerOf(b).device;
}

/**
 * ts-mls reads nothing that would use the first and the last (`message-ratchet.ts` does); one past epoch: in a totally
 * ordered log no message follows the commit after it, but a reader may be handed the two out of order.
 */
const RETENTION = {
	retainKeysForGenerations: SKIPPED_KEPT,
	retainKeysForEpochs: 1,
	maximumForwardRatchetSteps: FORWARD_STEPS,
};

/** `authService` accepts the leaves that were approved for the step at hand; between steps it accepts none. */
export function clientConfig(authService: AuthenticationService = accepting([])): ClientConfig {
	return {
		keyRetentionConfig: RETENTION,
		// ts-mls asks the machine's clock, so it must not check lifetimes; `key-packages.ts` does, with the caller's.
		lifetimeConfig: { maximumTotalLifetime: 0n, validateLifetimeOnReceive: false },
		keyPackageEqualityConfig: EQUALITY,
		paddingConfig: { kind: "alwaysPad", paddingLength: 0 },
		authService,
	};
}
