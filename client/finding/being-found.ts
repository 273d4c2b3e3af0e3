/** By what this person may be found, and by whom. */
import { sha256 } from "@noble/hashes/sha2.js";
import { FindableBy, fromHex, type GetFindingResponse, LIMITS, Refusal, toHex } from "@troth/protocol";
import type { ContactLinkView, FindableByView, FindingView } from "../device/api.ts";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";
import type { FindingRecord } from "../state/records.ts";
import { linkFingerprint, writeContactLink } from "./contact-link.ts";
import { tellContacts } from "./told-contacts.ts";

const NOTHING: FindingRecord = { link: undefined, toldContacts: undefined };

/** As the server has it. What another device decided is taken over here. */
export async function readFinding(context: DeviceContext): Promise<FindingView> {
	const answer = await context.rpc.finding.getFinding({});
	const byNumber = CHOICES[answer.byNumber] ?? "everyone";
	const before = await context.state.read(KEYS.finding);
	const named = before?.toldContacts !== undefined;
	if (named !== (byNumber === "contacts")) {
		await change(context, { toldContacts: byNumber === "contacts" ? [] : undefined });
		if (byNumber === "contacts") await tellContacts(context);
	}
	return { byNumber, username: answer.username || undefined, link: viewLink(context, before, answer) };
}

/** Who may find this person by number from now on. */
export async function setFindable(context: DeviceContext, byNumber: FindableByView): Promise<FindingView> {
	await context.rpc.finding.setFindable({ byNumber: ON_THE_WIRE[byNumber] });
	await change(context, { toldContacts: byNumber === "contacts" ? [] : undefined });
	await tellContacts(context);
	return readFinding(context);
}

export async function setUsername(context: DeviceContext, username: string): Promise<FindingView> {
	await context.rpc.finding.setUsername({ username });
	return readFinding(context);
}

export async function removeUsername(context: DeviceContext): Promise<FindingView> {
	await context.rpc.finding.removeUsername({});
	return readFinding(context);
}

/** The server gets the hash of a new secret: without the link it can not make one that leads here. */
export async function makeContactLink(context: DeviceContext): Promise<FindingView> {
	const token = context.random(LIMITS.contactLinkBytes);
	const { madeAtMs } = await context.rpc.finding.setContactLink({ tokenHash: sha256(token) });
	await change(context, { link: { token: toHex(token), madeAtMs: Number(madeAtMs) } });
	return readFinding(context);
}

export async function revokeContactLink(context: DeviceContext): Promise<FindingView> {
	await context.rpc.finding.removeContactLink({});
	await change(context, { link: undefined });
	return readFinding(context);
}

async function change({ state }: DeviceContext, changed: Partial<FindingRecord>): Promise<void> {
	await state.transact(async (draft) => {
		draft.write(KEYS.finding, { ...NOTHING, ...(await draft.read(KEYS.finding)), ...changed });
	});
}

/** A link is the one of this device only where the server knows it by the same secret. */
function viewLink(
	context: DeviceContext,
	record: FindingRecord | undefined,
	{ contactLinkHash, contactLinkMadeAtMs }: GetFindingResponse,
): ContactLinkView {
	if (contactLinkHash.length === 0) return { state: "none" };
	const token = fromHex(record?.link?.token ?? "") ?? new Uint8Array();
	const madeAtMs = Number(contactLinkMadeAtMs);
	if (toHex(sha256(token)) !== toHex(contactLinkHash)) return { state: "elsewhere", madeAtMs };
	const { account } = context.self;
	const identityKey = context.state.kept(KEYS.account(account))?.identityKey;
	if (identityKey === undefined) throw new Refusal("INTERNAL", "a device knows its account's key");
	const address = writeContactLink(context.profile().origin, token, linkFingerprint(account, identityKey));
	return { state: "here", address, madeAtMs };
}

const CHOICES: Partial<Record<FindableBy, FindableByView>> = {
	[FindableBy.EVERYONE]: "everyone",
	[FindableBy.CONTACTS]: "contacts",
	[FindableBy.NOBODY]: "nobody",
};

const ON_THE_WIRE: Record<FindableByView, FindableBy> = {
	everyone: FindableBy.EVERYONE,
	contacts: FindableBy.CONTACTS,
	nobody: FindableBy.NOBODY,
};
