/** Do the leaves a commit brings in belong to listed devices (hazard 11), and may these accounts be brought in at all? */

import type { Clock } from "@troth/protocol";
import { type AccountId, type DeviceId, Refusal } from "@troth/protocol";
import { encodeKeyPackage } from "ts-mls/keyPackage.js";
import type { Directory, Session } from "../context.ts";
import { checkKeyPackage } from "../keys/key-package.ts";
import type { ParsedBundle } from "./bundle.ts";
import { invalid, require } from "./invalid.ts";
import { equalBytes } from "./mls-crypto.ts";
import type { GroupAfter } from "./next-state.ts";
import type { LeafOwner } from "./tree.ts";

/** MLSMessage around a KeyPackage: version mls10 (1), wire format mls_key_package (5). */
const KEY_PACKAGE_HEADER = [0, 1, 0, 5];

/** Refuses with COMMIT_INVALID, CIPHER_SUITE_UNSUPPORTED, NOT_FOUND or BLOCKED. */
export async function checkNewLeaves(
	{ directory, clock }: { readonly directory: Directory; readonly clock: Clock },
	caller: Session,
	{ adds }: ParsedBundle,
	{ added, committer }: GroupAfter,
	accountsBefore: ReadonlySet<AccountId>,
): Promise<void> {
	for (const leaf of added) {
		if ((await directory.devicesOf(leaf.account)).length === 0)
			throw new Refusal("NOT_FOUND", "an added account does not exist");
	}
	for (const leaf of [...added, committer]) await requireListed(directory, leaf);
	for (const [index, keyPackage] of adds.entries()) {
		const owner = added[index] as LeafOwner;
		const message = new Uint8Array([...KEY_PACKAGE_HEADER, ...encodeKeyPackage(keyPackage)]);
		try {
			await checkKeyPackage(message, owner, clock.now());
		} catch (error) {
			if (error instanceof Refusal && error.code === "KEY_PACKAGE_INVALID")
				throw invalid(`a key package of an added device: ${error.message}`, error);
			throw error;
		}
	}
	const strangers = new Set(added.map(({ account }) => account).filter((account) => !accountsBefore.has(account)));
	for (const account of strangers) {
		if (account !== caller.account && (await directory.blockedBy(account)).has(caller.account))
			throw new Refusal("BLOCKED", "an added account does not take messages from this one");
	}
}

/** Leaves that are of no device that their account lists. */
export async function unlistedAmong(
	directory: Pick<Directory, "devicesOf">,
	leaves: readonly LeafOwner[],
): Promise<ReadonlySet<DeviceId>> {
	const found = new Set<DeviceId>();
	for (const { account, device, signatureKey } of leaves) {
		const entry = (await directory.devicesOf(account)).find((one) => one.device === device);
		if (entry === undefined || !equalBytes(entry.signatureKey, signatureKey)) found.add(device);
	}
	return found;
}

async function requireListed(directory: Directory, { account, device, signatureKey }: LeafOwner): Promise<void> {
	const entry = (await directory.devicesOf(account)).find((one) => one.device === device);
	require(entry !== undefined, "a leaf is of a device that its account does not list");
	require(equalBytes(entry.signatureKey, signatureKey), "a leaf has another signature key than its device");
}
