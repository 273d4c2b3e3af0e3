/** What a device believes of somebody once another key of theirs is accepted. */
import type { AccountRecord } from "../state/records.ts";

/** Keys of before that are remembered. */
export const FORMER_KEYS = 8;

/** The record with a key in the place of the pinned one: whatever the former one signed counts no more. */
export function replaceKey(known: AccountRecord, key: string, acceptedAtMs: number): AccountRecord {
	const former = [...(known.formerKeys ?? []), ...(known.identityKey === undefined ? [] : [known.identityKey])];
	return {
		...known,
		identityKey: key,
		formerKeys: [...new Set(former)].filter((one) => one !== key).slice(-FORMER_KEYS),
		acceptedAtMs,
		confirmedKey: undefined,
		confirmedAtMs: undefined,
		version: 0,
		devices: [],
	};
}
