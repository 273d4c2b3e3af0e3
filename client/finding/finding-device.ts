/** The part of a device that finds people and is found. */
import type { FindingDevice } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import {
	addressBook,
	checkContacts,
	forgetContacts,
	importContacts,
	importVcards,
	setOwnName,
} from "./address-book.ts";
import {
	makeContactLink,
	readFinding,
	removeUsername,
	revokeContactLink,
	setFindable,
	setUsername,
} from "./being-found.ts";
import { acceptContactLink, findByUsername, openContactLink } from "./find.ts";
import { keepContactsTold } from "./told-contacts.ts";

export function findingDevice(context: DeviceContext): FindingDevice {
	keepContactsTold(context);
	return {
		findByUsername: (username) => findByUsername(context, username),
		openContactLink: (link) => openContactLink(context, link),
		acceptContactLink: (link) => acceptContactLink(context, link),
		finding: () => readFinding(context),
		setFindable: (byNumber) => setFindable(context, byNumber),
		setUsername: (username) => setUsername(context, username),
		removeUsername: () => removeUsername(context),
		makeContactLink: () => makeContactLink(context),
		revokeContactLink: () => revokeContactLink(context),
		importVcards: (file, shown) => importVcards(context, file, shown),
		importContacts: (entries, shown) => importContacts(context, entries, shown),
		addressBook: async () => addressBook(context),
		checkContacts: () => checkContacts(context),
		forgetContacts: () => forgetContacts(context),
		setOwnName: (account, name) => setOwnName(context, account, name),
	};
}
