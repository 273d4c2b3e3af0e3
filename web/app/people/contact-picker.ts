/** The browser's own picker of contacts, where there is one: the person sees which ones the app gets. */
import type { AddressBookEntry } from "@troth/client/device/api.ts";

/** https://w3c.github.io/contact-picker/ */
interface ContactsManager {
	select(
		properties: readonly ("name" | "tel")[],
		options: { readonly multiple: boolean },
	): Promise<readonly { readonly name?: readonly string[]; readonly tel?: readonly string[] }[]>;
}

function manager(): ContactsManager | undefined {
	return (navigator as Navigator & { readonly contacts?: ContactsManager }).contacts;
}

export function hasContactPicker(): boolean {
	return manager() !== undefined;
}

/** Whom the person picked; nobody where they closed the picker. Needs a click. */
export async function pickContacts(): Promise<readonly AddressBookEntry[]> {
	const picked = (await manager()?.select(["name", "tel"], { multiple: true })) ?? [];
	return picked.map(({ name = [], tel = [] }) => ({ name: name[0] ?? "", numbers: [...tel] }));
}
