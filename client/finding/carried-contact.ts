/** A number of the address book as it goes to another device of its owner: in an archive, or in a note of its own. */
import { type AccountId, type ArchiveContact, idBytes, readId } from "@troth/protocol";
import type { ContactRecord } from "../state/records.ts";
import { cleanName } from "./contact-link.ts";

export function carryContact({ phone, name, shown, addedAtMs, account, checkedAtMs = 0 }: ContactRecord) {
	const times = { addedAtMs: BigInt(addedAtMs), checkedAtMs: BigInt(checkedAtMs) };
	return { phone, name, shown, accountId: account === undefined ? new Uint8Array() : idBytes(account), ...times };
}

/** Undefined where it is no number. */
export function readCarried(contact: ArchiveContact): ContactRecord | undefined {
	const { phone, name, shown, addedAtMs, accountId, checkedAtMs } = contact;
	if (!/^\+\d{4,20}$/.test(phone)) return undefined;
	return {
		...{ phone, name: cleanName(name) || phone, shown },
		addedAtMs: Number(addedAtMs),
		account: readId<AccountId>(accountId),
		checkedAtMs: checkedAtMs === 0n ? undefined : Number(checkedAtMs),
	};
}
