/** Finding people, being found, and the address book, as apps see them: a part of the device's surface (`api.ts`). */
import type { AccountId, ConversationId } from "@troth/protocol";
import type { Person } from "./api.ts";

/** Who may find this person by number. */
export type FindableByView = "everyone" | "contacts" | "nobody";

export interface FindingView {
	readonly byNumber: FindableByView;
	/** Lower case, without "@". */
	readonly username: string | undefined;
	readonly link: ContactLinkView;
}

export type ContactLinkView =
	| { readonly state: "none" }
	/** To be given to whoever shall write to this person. `address` names nobody; `nameLink` puts a name into it. */
	| { readonly state: "here"; readonly address: string; readonly madeAtMs: number }
	/** Another device made it, and only that one knows it: renew it to have one here. */
	| { readonly state: "elsewhere"; readonly madeAtMs: number };

/** Whom a contact link leads to: the key in it is theirs, and the server gave the same one. */
export interface LinkedPerson {
	readonly person: Person;
	/** The direct chat with them, where there is one. */
	readonly conversation: ConversationId | undefined;
}

/** A number of the address book on this device. */
export interface ContactView {
	readonly phone: string;
	readonly name: string;
	/** Who has it here; undefined where nobody has, nobody may be found, or the server was not asked. */
	readonly person: Person | undefined;
	/** When the server was last asked, UTC milliseconds. */
	readonly checkedAtMs: number | undefined;
}

/** Somebody as an address book has them; numbers as they are written there. */
export interface AddressBookEntry {
	readonly name: string;
	readonly numbers: readonly string[];
}

/**
 * Why a file was not imported: it is larger than is read, has more people or numbers than are kept, is no vCard file, or
 * has no number in it that could be called.
 */
export type ImportProblem = "too-large" | "too-many" | "no-vcard" | "no-numbers";

export type ImportView =
	| {
			readonly state: "imported";
			/** Numbers that are new here. */
			readonly added: number;
			/** Numbers that were here already. */
			readonly known: number;
			/** Numbers that could not be read. */
			readonly unreadable: number;
			/** Cards that were damaged and left out. */
			readonly damaged: number;
	  }
	| { readonly state: "refused"; readonly problem: ImportProblem };

export interface CheckView {
	/** Numbers that were compared now. */
	readonly checked: number;
	/** Of these, numbers of people who are here. */
	readonly found: number;
	/** Numbers that were not: the server takes no more before `retryAtMs`. */
	readonly left: number;
	readonly retryAtMs: number | undefined;
}

export interface FindingDevice {
	/** Finds a person by exact username, with or without "@". Rejects with NOT_FOUND, USERNAME_INVALID, RATE_LIMITED. */
	findByUsername(username: string): Promise<Person>;
	/**
	 * Whom this link leads to. Rejects with MALFORMED (no contact link of this server), NOT_FOUND (revoked), RATE_LIMITED,
	 * and LINK_KEY_WRONG where the server's keys are not those in the link.
	 */
	openContactLink(link: string): Promise<LinkedPerson>;
	/** The same, by the person's will: whom it leads to counts as verified from then on. */
	acceptContactLink(link: string): Promise<Person>;

	finding(): Promise<FindingView>;
	setFindable(byNumber: FindableByView): Promise<FindingView>;
	/** Rejects with USERNAME_INVALID, USERNAME_TAKEN, RATE_LIMITED (retryAtMs). */
	setUsername(username: string): Promise<FindingView>;
	removeUsername(): Promise<FindingView>;
	/** Makes a new link; the one before leads nowhere from then on. */
	makeContactLink(): Promise<FindingView>;
	revokeContactLink(): Promise<FindingView>;

	/**
	 * Takes people out of a vCard file (versions 2.1 to 4.0), onto the devices of this account only.
	 * @param shown their names here go before the ones they give themselves
	 */
	importVcards(file: Uint8Array, shown: boolean): Promise<ImportView>;
	/** The same with people whom the browser's contact picker gave. */
	importContacts(entries: readonly AddressBookEntry[], shown: boolean): Promise<ImportView>;
	/** By name. */
	addressBook(): Promise<readonly ContactView[]>;
	/**
	 * Asks the server which of these numbers are here, as many as it takes: they are compared there and not kept. Only
	 * with the person's permission. Rejects with UNAVAILABLE.
	 */
	checkContacts(): Promise<CheckView>;
	/** The address book leaves the devices of this account, with the names from it. */
	forgetContacts(): Promise<void>;
	/** What to call this person here; undefined: as they call themselves. Nobody else sees it. */
	setOwnName(account: AccountId, name: string | undefined): Promise<Person>;
}
