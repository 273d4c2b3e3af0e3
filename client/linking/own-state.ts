/**
 * What devices of one account tell each other: records as they lie here, and as they are taken over there. The same for
 * the bundle that a new device begins with and for the notes that follow.
 */
import { create } from "@bufbuild/protobuf";
import {
	type AccountId,
	ArchiveContactSchema,
	type ConversationId,
	fromHex,
	idBytes,
	LIMITS,
	type OwnConversation,
	OwnConversationSchema,
	type OwnDecision,
	OwnDecisionSchema,
	type OwnPerson,
	OwnPersonSchema,
	type OwnProfile,
	OwnProfileSchema,
	type OwnState,
	type OwnTrust,
	OwnTrustSchema,
	readId,
	toHex,
} from "@troth/protocol";
import { carryContact, readCarried } from "../finding/carried-contact.ts";
import { readAccount } from "../identity/directory.ts";
import { mergeShown } from "../profile/own-profile.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, ContactRecord, ConversationRecord, ProfileRecord } from "../state/records.ts";
import type { DecisionRecord, TrustRecord } from "../state/sharing-records.ts";
import { joiningConversation } from "./joining-record.ts";
import { describeKeys, mergeKeys } from "./own-keys.ts";

const bytesOf = (hex: string | undefined) => fromHex(hex ?? "") ?? new Uint8Array();

export function describeProfile(profile: ProfileRecord): OwnProfile {
	const { phone, name, nameChangedAtMs, settings, settingsChangedAtMs = 0, shown, photo, certificate } = profile;
	return create(OwnProfileSchema, {
		phone,
		name,
		nameChangedAtMs: BigInt(nameChangedAtMs),
		readReceipts: settings.readReceipts,
		typingIndicators: settings.typingIndicators,
		settingsChangedAtMs: BigInt(settingsChangedAtMs),
		more: JSON.stringify({ shown, photo, certificate }),
	});
}

/** What of it is news to a device with this profile. */
export function mergeProfile(known: ProfileRecord, said: OwnProfile): Partial<ProfileRecord> {
	const named = said.name !== "" && said.nameChangedAtMs > BigInt(known.nameChangedAtMs);
	const set = said.settingsChangedAtMs > BigInt(known.settingsChangedAtMs ?? 0);
	return {
		...(said.phone !== "" && { phone: said.phone }),
		...(named && { name: said.name, nameChangedAtMs: Number(said.nameChangedAtMs) }),
		...(set && {
			settings: { readReceipts: said.readReceipts, typingIndicators: said.typingIndicators },
			settingsChangedAtMs: Number(said.settingsChangedAtMs),
		}),
		...mergeShown(known, readMore<Pick<ProfileRecord, "shown" | "photo" | "certificate">>(said.more)),
	};
}

/** Written by our own code on a device of this account, which signed it; a version that wrote something else is ignored. */
function readMore<T extends object>(json: string): Partial<T> {
	try {
		const value: unknown = JSON.parse(json);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Partial<T>) : {};
	} catch {
		return {};
	}
}

interface MergedPerson {
	readonly account: AccountId;
	readonly accepted: boolean;
}

export function describePerson(record: AccountRecord): OwnPerson {
	const { account, blocked, name, nameChangedAtMs, phone } = record;
	const { ownName, knownAs, photo, photoChangedAtMs, numberChangedAtMs } = record;
	return create(OwnPersonSchema, {
		accountId: idBytes(account),
		...describeKeys(record),
		blocked,
		name: name ?? "",
		nameChangedAtMs: BigInt(nameChangedAtMs),
		phone: phone ?? "",
		// Null is what was taken away; what is absent was not spoken of.
		more: JSON.stringify({
			ownName: ownName ?? null,
			knownAs: knownAs ?? null,
			photo,
			photoChangedAtMs,
			numberChangedAtMs,
		}),
	});
}

/** Whom it is about, and whether another key or account is theirs now; undefined where it is about nobody, or oneself. */
export async function mergePerson(draft: Draft, self: AccountId, said: OwnPerson): Promise<MergedPerson | undefined> {
	const account = readId<AccountId>(said.accountId);
	if (account === undefined || account === self) return undefined;
	const known = await readAccount(draft, account);
	const { record, accepted } = mergeKeys(known, said);
	const named = said.name !== "" && (known.name === undefined || said.nameChangedAtMs > BigInt(known.nameChangedAtMs));
	const { ownName, knownAs, photo, photoChangedAtMs, numberChangedAtMs } = readMore<AccountRecord>(said.more);
	const newerPhoto = photoChangedAtMs !== undefined && photoChangedAtMs > (known.photoChangedAtMs ?? 0);
	draft.write(KEYS.account(account), {
		...record,
		blocked: said.blocked,
		phone: said.phone === "" ? record.phone : said.phone,
		...(named && { name: said.name, nameChangedAtMs: Number(said.nameChangedAtMs) }),
		...(ownName !== undefined && { ownName: ownName ?? undefined }),
		...(knownAs !== undefined && { knownAs: knownAs ?? undefined }),
		...(newerPhoto && { photo, photoChangedAtMs }),
		...(numberChangedAtMs !== undefined && { numberChangedAtMs }),
	});
	return { account, accepted };
}

/** A number of the address book as it is, or that it is in it no more. */
export function describeContact(said: OwnState, phone: string, record: ContactRecord | undefined): void {
	if (record === undefined) said.forgottenContacts.push(phone);
	else said.contacts.push(create(ArchiveContactSchema, carryContact(record)));
}

/** False where nothing is said of the address book. */
export function mergeContacts(draft: Draft, { contacts, forgottenContacts }: OwnState): boolean {
	for (const phone of forgottenContacts) draft.write(KEYS.contact(phone), undefined);
	for (const said of contacts) {
		const contact = readCarried(said);
		if (contact !== undefined) draft.write(KEYS.contact(contact.phone), contact);
	}
	return contacts.length + forgottenContacts.length > 0;
}

export function describeConversation(record: ConversationRecord): OwnConversation {
	return create(OwnConversationSchema, {
		conversation: idBytes(record.id),
		group: record.kind === "group",
		...(record.peer !== undefined && { peerAccountId: idBytes(record.peer) }),
		name: record.name ?? "",
		nameChangedAtMs: BigInt(record.nameChangedAtMs),
		activityMs: BigInt(record.activityMs),
		readSeq: record.readSeq,
		active: record.state === "active" || record.state === "behind",
	});
}

/**
 * The conversation it is about; undefined where nothing follows from it. One that this device is not in is kept as one
 * to come in to.
 */
export async function mergeConversation(draft: Draft, said: OwnConversation): Promise<ConversationId | undefined> {
	const id = readId<ConversationId>(said.conversation);
	if (id === undefined) return undefined;
	const known = await draft.read(KEYS.conversation(id));
	const named = said.name !== "" && said.nameChangedAtMs > BigInt(known?.nameChangedAtMs ?? 0);
	const name = named ? { name: said.name, nameChangedAtMs: Number(said.nameChangedAtMs) } : {};
	if (known === undefined || known.imported === true) {
		if (!said.active) return undefined;
		const peer = readId<AccountId>(said.peerAccountId);
		const facts = { kind: said.group ? "group" : "direct", peer, activityMs: Number(said.activityMs) } as const;
		const record = joiningConversation(draft, known, id, facts);
		draft.write(KEYS.conversation(id), { ...record, ...name, readSeq: said.readSeq, publishedReadSeq: said.readSeq });
		return id;
	}
	// A leaf that it could not be in a group with may be gone by now: that is why it is told.
	const refused = known.state === "refused" && (await draft.read(KEYS.log(id)))?.joining === true;
	draft.write(KEYS.conversation(id), {
		...known,
		...(known.kind === "group" && name),
		...(refused && said.active && { state: "joining" as const }),
	});
	return id;
}

export function describeDecision(key: string, record: DecisionRecord | undefined): OwnDecision {
	if (record === undefined) return create(OwnDecisionSchema, { key, dropped: true });
	const { receipt } = record;
	return create(OwnDecisionSchema, {
		key,
		eventId: bytesOf(record.event),
		version: record.version,
		decidedAtMs: BigInt(record.decidedAtMs),
		statement: bytesOf(record.statement),
		signature: bytesOf(record.signature),
		grants: record.grants.map(({ recipient, purpose, generation, statement, signature }) => ({
			...{ recipient, purpose, generation, statement: bytesOf(statement), signature: bytesOf(signature) },
		})),
		...(receipt !== undefined && {
			receiptStatement: bytesOf(receipt.statement),
			receiptSignature: bytesOf(receipt.signature),
			recordedAtMs: BigInt(receipt.recordedAtMs),
		}),
	});
}

/** @param hashOf SHA-256 of a grant's statement, hex: what a share under it names */
export function mergeDecision(draft: Draft, said: OwnDecision, hashOf: (statement: Uint8Array) => string): void {
	if (said.key === "" || said.key.length > LIMITS.nameCharacters) return;
	const record: DecisionRecord = {
		key: said.key,
		event: toHex(said.eventId),
		version: said.version,
		decidedAtMs: Number(said.decidedAtMs),
		statement: toHex(said.statement),
		signature: toHex(said.signature),
		grants: said.grants.map(({ recipient, purpose, generation, statement, signature }) => ({
			...{ hash: hashOf(statement), recipient, purpose, generation },
			...{ statement: toHex(statement), signature: toHex(signature) },
		})),
		receipt:
			said.receiptStatement.length === 0
				? undefined
				: {
						statement: toHex(said.receiptStatement),
						signature: toHex(said.receiptSignature),
						recordedAtMs: Number(said.recordedAtMs),
					},
	};
	draft.write(KEYS.decision(said.key), said.dropped ? undefined : record);
}

export function describeTrust({ policyKey, shareKey, logs, witnesses, quorum }: TrustRecord): OwnTrust {
	return create(OwnTrustSchema, {
		policyKey: bytesOf(policyKey),
		shareKey: bytesOf(shareKey),
		logs: Object.entries(logs).map(([name, vkey]) => ({ name, vkey })),
		witnesses: [...witnesses],
		quorum: quorum ?? 0,
	});
}

/** For a device that has pinned nothing yet: it begins where the others stand. */
export function readTrust({ policyKey, shareKey, logs, witnesses, quorum }: OwnTrust): TrustRecord {
	return {
		policyKey: policyKey.length === 0 ? undefined : toHex(policyKey),
		shareKey: shareKey.length === 0 ? undefined : toHex(shareKey),
		logs: Object.fromEntries(logs.map(({ name, vkey }) => [name, vkey])),
		witnesses: [...witnesses],
		quorum: quorum === 0 ? undefined : quorum,
		policies: undefined,
	};
}
