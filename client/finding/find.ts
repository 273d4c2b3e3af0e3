/** Finding people by what they gave: a username, or a link that brings their key along. */
import { type AccountId, Refusal, readId, readUsername, type Signed } from "@troth/protocol";
import type { LinkedPerson, Person } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { showChangedKeys } from "../identity/changed-keys.ts";
import { learnDeviceList, readAccount } from "../identity/directory.ts";
import { announce } from "../identity/safety.ts";
import { Untrusted } from "../identity/untrusted.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord } from "../state/records.ts";
import { type ContactLink, linkFingerprint, readContactLink } from "./contact-link.ts";

/** The account with exactly this username; its keys are pinned when it is first seen. Refuses as `api.ts` says. */
export async function findByUsername(context: DeviceContext, text: string): Promise<Person> {
	const username = readUsername(text);
	if (username === undefined) throw new Refusal("USERNAME_INVALID", "not a possible username");
	const knownAs = `@${username}`;
	const account = await learnFound(
		context,
		await context.rpc.finding.lookUpUsername({ username }),
		async (draft, found) => {
			// Names change hands: whoever had it is known by it no more.
			for (const other of context.state.keptWithin<AccountRecord>(KEYS.accounts))
				if (other.knownAs === knownAs && other.account !== found.account)
					draft.write(KEYS.account(other.account), { ...other, knownAs: undefined });
			draft.write(KEYS.account(found.account), { ...found, knownAs });
			context.ownNotes.note(draft, `person/${found.account}`);
		},
	);
	return context.views.person(account);
}

/**
 * Whom the link leads to. The server only says which account it is: its key has to be the one that the link names.
 * Looking makes nobody verified: whoever can make a browser open an address could do that. Refuses as `api.ts` says;
 * throws Untrusted.
 */
export async function openContactLink(context: DeviceContext, text: string): Promise<LinkedPerson> {
	const link = readOwnServersLink(context, text);
	const account = await followLink(context, link, async () => {});
	const person = context.views.person(account);
	const direct = [...context.views.records()].find(({ peer, state }) => peer === account && state === "active");
	return { person: { ...person, name: person.name ?? link.name }, conversation: direct?.id };
}

/** The same, because the person wants to write to them: their key counts as compared from now on. */
export async function acceptContactLink(context: DeviceContext, text: string): Promise<Person> {
	const link = readOwnServersLink(context, text);
	const account = await followLink(context, link, async (draft, found) => {
		const { change, ...rest } = found;
		draft.write(KEYS.account(found.account), {
			...rest,
			confirmedKey: found.identityKey,
			knownAs: found.knownAs ?? link.name,
			// The link says which key is theirs, and settles what another one meant.
			...(change !== undefined && change.what !== "key" && { change }),
		});
	});
	return context.views.person(account);
}

function readOwnServersLink(context: DeviceContext, text: string): ContactLink {
	const link = readContactLink(text);
	const { origin, server } = context.profile();
	if (link === undefined || (link.origin !== undefined && link.origin !== origin && link.origin !== server))
		throw new Refusal("MALFORMED", "this is no contact link of this server");
	return link;
}

async function followLink(
	context: DeviceContext,
	{ token, fingerprint }: ContactLink,
	also: (draft: Draft, found: AccountRecord) => Promise<void>,
): Promise<AccountId> {
	const answer = await context.rpc.finding.lookUpContactLink({ token });
	return learnFound(context, answer, async (draft, found) => {
		const { account, identityKey } = found;
		if (identityKey === undefined || linkFingerprint(account, identityKey) !== fingerprint)
			throw new Untrusted("LINK_KEY_WRONG", "the server's keys are not those in the link");
		if (account !== context.self.account) await also(draft, found);
	});
}

/** Keeps what was found if it may be believed, and what `also` knows of it, in one transaction. */
async function learnFound(
	context: DeviceContext,
	answer: { readonly accountId: Uint8Array; readonly deviceList?: Signed | undefined },
	also: (draft: Draft, found: AccountRecord) => Promise<void>,
): Promise<AccountId> {
	const account = readId<AccountId>(answer.accountId);
	if (account === undefined) throw new Refusal("INTERNAL", "the server gave no account id");
	await context.state.transact(async (draft) => {
		const learned = await learnDeviceList(context.engine, draft, account, answer.deviceList, (part, changed, what) =>
			showChangedKeys(context, part, changed, context.serverNow(), what),
		);
		if (learned === "invalid") throw new Refusal("DEVICE_LIST_INVALID", "the device list does not verify");
		await also(draft, await readAccount(draft, account));
		announce(context, draft, account);
		context.ownNotes.note(draft, `person/${account}`);
	});
	return account;
}
