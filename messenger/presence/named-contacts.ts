/** Whom accounts mean by their contacts, as their devices named them: in memory, 16 bytes for each. */
import { type AccountId, ID_BYTES, idBytes } from "@troth/protocol";

export class NamedContacts {
	readonly #named = new Map<AccountId, Buffer>();

	/** @param contacts ids of ID_BYTES each */
	name(account: AccountId, contacts: readonly Uint8Array[]): void {
		if (contacts.length === 0) this.#named.delete(account);
		else this.#named.set(account, Buffer.concat(contacts));
	}

	has(account: AccountId, other: AccountId): boolean {
		const named = this.#named.get(account);
		const wanted = idBytes(other);
		let at = named?.indexOf(wanted) ?? -1;
		// What is found across the border of two ids is neither of them.
		while (at !== -1 && at % ID_BYTES !== 0) at = named?.indexOf(wanted, at + 1) ?? -1;
		return at !== -1;
	}

	forget(account: AccountId): void {
		this.#named.delete(account);
	}
}
