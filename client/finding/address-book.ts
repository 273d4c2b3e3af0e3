/** The address book on this device: imported, compared with the server where the person allows it, and forgotten. */
import { type AccountId, isRefusal, LIMITS, Refusal, readId } from "@troth/protocol";
import type { AddressBookEntry, CheckView, ContactView, ImportView, Person } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { readAccount } from "../identity/directory.ts";
import { learnHolder } from "../identity/people.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ContactRecord } from "../state/records.ts";
import { cleanName } from "./contact-link.ts";
import { readVcards, VcardError } from "./vcard.ts";

/** Numbers kept on a device. */
const MOST_CONTACTS = 10_000;
const NUMBERS_PER_ENTRY = 20;
/** Rows of one local transaction. */
const WRITTEN_AT_ONCE = 500;

export async function importVcards(context: DeviceContext, file: Uint8Array, shown: boolean): Promise<ImportView> {
	try {
		const { people, damaged } = await readVcards(file);
		return await importContacts(context, people, shown, damaged);
	} catch (error) {
		if (error instanceof VcardError) return { state: "refused", problem: error.code };
		throw error;
	}
}

/** Keeps these people on this device; one that is here already gets the name that is new. Nothing leaves it. */
export async function importContacts(
	context: DeviceContext,
	entries: readonly AddressBookEntry[],
	shown: boolean,
	damaged = 0,
): Promise<ImportView> {
	const { found, unreadable } = await readNumbers(context, entries);
	const before = new Map(all(context).map((contact) => [contact.phone, contact]));
	const added = [...found.keys()].filter((phone) => !before.has(phone)).length;
	if (before.size + added > MOST_CONTACTS) return { state: "refused", problem: "too-many" };
	if (found.size === 0) return { state: "refused", problem: "no-numbers" };
	await inParts([...found], async (draft, [phone, name]) => {
		const { account, checkedAtMs, addedAtMs = context.serverNow() } = before.get(phone) ?? {};
		draft.write(KEYS.contact(phone), { phone, name, shown, addedAtMs, account, checkedAtMs });
		context.ownNotes.note(draft, `contact/${phone}`);
		if (account !== undefined && shown) await showName(context, draft, account, name);
	});
	tell(
		context,
		[...found.keys()].map((phone) => before.get(phone)?.account),
	);
	return { state: "imported", added, known: found.size - added, unreadable, damaged };

	async function inParts<T>(rows: readonly T[], write: (draft: Draft, row: T) => Promise<void>): Promise<void> {
		for (let i = 0; i < rows.length; i += WRITTEN_AT_ONCE)
			await context.state.transact(async (draft) => {
				for (const row of rows.slice(i, i + WRITTEN_AT_ONCE)) await write(draft, row);
			});
	}
}

/** The name by number, E.164; one's own number is nobody's. */
async function readNumbers(context: DeviceContext, entries: readonly AddressBookEntry[]) {
	const { readWrittenNumber, regionOf } = await import("./numbers.ts");
	const own = context.profile().phone;
	const region = regionOf(own);
	const found = new Map<string, string>();
	let unreadable = 0;
	for (const { name, numbers } of entries)
		for (const written of numbers.slice(0, NUMBERS_PER_ENTRY)) {
			const phone = readWrittenNumber(written, region);
			if (phone === undefined) unreadable++;
			else if (phone !== own) found.set(phone, cleanName(name) || phone);
		}
	return { found, unreadable };
}

/** By name. */
export function addressBook(context: Pick<DeviceContext, "state" | "views">): readonly ContactView[] {
	const byName = new Intl.Collator("en", { sensitivity: "base", numeric: true });
	return all(context)
		.map(({ phone, name, account, checkedAtMs }) => {
			const person = account === undefined ? undefined : context.views.person(account);
			return { phone, name, person, checkedAtMs };
		})
		.sort((a, b) => byName.compare(a.name, b.name) || (a.phone < b.phone ? -1 : 1));
}

/**
 * Has the server compare the numbers, those first that it was never asked for, then the oldest answers. Stops where it
 * takes no more for now.
 */
export async function checkContacts(context: DeviceContext): Promise<CheckView> {
	const waiting = [...all(context)].sort((a, b) => (a.checkedAtMs ?? 0) - (b.checkedAtMs ?? 0));
	let [checked, found] = [0, 0];
	let retryAtMs: number | undefined;
	for (let i = 0; i < waiting.length && retryAtMs === undefined; i += LIMITS.numbersPerRequest) {
		const part = waiting.slice(i, i + LIMITS.numbersPerRequest);
		try {
			found += await checkPart(context, part);
			checked += part.length;
		} catch (error) {
			if (!isRefusal(error, "RATE_LIMITED")) throw error;
			retryAtMs = error.fields.retryAtMs ?? context.serverNow();
		}
	}
	return { checked, found, left: waiting.length - checked, retryAtMs };
}

async function checkPart(context: DeviceContext, part: readonly ContactRecord[]): Promise<number> {
	const answer = await context.rpc.finding.lookUpNumbers({ phones: part.map(({ phone }) => phone) });
	const holders = new Map(answer.found.map((one) => [one.index, one]));
	const concerned: (AccountId | undefined)[] = [];
	await context.state.transact(async (draft) => {
		for (const [index, { phone }] of part.entries()) {
			const contact = await draft.read(KEYS.contact(phone));
			if (contact === undefined) continue;
			const holder = holders.get(index);
			const account = holder === undefined ? undefined : readId<AccountId>(holder.accountId);
			if (account !== undefined) {
				await learnHolder(context, draft, account, phone, holder?.deviceList);
				if (contact.shown) await showName(context, draft, account, contact.name);
			}
			concerned.push(contact.account, account);
			draft.write(KEYS.contact(phone), { ...contact, account, checkedAtMs: context.serverNow() });
			context.ownNotes.note(draft, `contact/${phone}`);
		}
	});
	tell(context, concerned);
	return holders.size;
}

/** Also the names that came from it. */
export async function forgetContacts(context: DeviceContext): Promise<void> {
	const contacts = all(context);
	await context.state.transact(async (draft) => {
		for (const { phone, account, name } of contacts) {
			draft.write(KEYS.contact(phone), undefined);
			context.ownNotes.note(draft, `contact/${phone}`);
			if (account !== undefined && (await draft.read(KEYS.account(account)))?.ownName === name)
				await showName(context, draft, account, undefined);
		}
	});
	tell(
		context,
		contacts.map(({ account }) => account),
	);
}

export async function setOwnName(
	context: DeviceContext,
	account: AccountId,
	name: string | undefined,
): Promise<Person> {
	if (account === context.self.account) throw new Refusal("MALFORMED", "one's own name is in the profile");
	await context.state.transact(async (draft) => {
		await showName(context, draft, account, cleanName(name ?? "") || undefined);
		context.ownNotes.note(draft, `person/${account}`);
	});
	tell(context, [account]);
	return context.views.person(account);
}

async function showName(
	context: DeviceContext,
	draft: Draft,
	account: AccountId,
	ownName: string | undefined,
): Promise<void> {
	draft.write(KEYS.account(account), { ...(await readAccount(draft, account)), ownName });
	context.ownNotes.note(draft, `person/${account}`);
}

function all({ state }: Pick<DeviceContext, "state">): readonly ContactRecord[] {
	return [...state.keptWithin<ContactRecord>(KEYS.contacts)];
}

/** The app is told of the book, and of the chats with these people, which may be called differently now. */
function tell(context: DeviceContext, accounts: readonly (AccountId | undefined)[]): void {
	context.announcer.emit({ type: "contacts" });
	const concerned = new Set(accounts);
	for (const { id, members } of context.views.records())
		if (members.some(({ account }) => concerned.has(account))) context.announcer.conversation(id);
}
