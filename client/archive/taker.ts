/** What an archive says about people, conversations and settings, joined with what is here. */
import {
	type AccountId,
	type ArchiveContact,
	type ArchiveContactLink,
	type ArchiveConversation,
	type ArchiveDecision,
	type ArchiveOwner,
	type ArchivePerson,
	type ArchiveRecord,
	type ConversationId,
	ConversationKind,
	LIMITS,
	MemberRole,
	readId,
	toHex,
} from "@troth/protocol";
import { readCarried } from "../finding/carried-contact.ts";
import { readAccount, UNKNOWN_ACCOUNT } from "../identity/directory.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type { AccountRecord, ConversationRecord, MemberRecord, ProfileRecord } from "../state/records.ts";
import type { ArchiveProgress } from "./progress.ts";

export class Taker {
	readonly #draft: Draft;
	readonly #state: LocalState;
	readonly #profile: ProfileRecord;
	readonly touched = new Set<ConversationId>();
	progress: ArchiveProgress;

	constructor(draft: Draft, state: LocalState, profile: ProfileRecord, progress: ArchiveProgress) {
		this.#draft = draft;
		this.#state = state;
		this.#profile = profile;
		this.progress = progress;
	}

	/** The account that an account of the archive is here: who made it is who takes it. */
	mine(account: AccountId | undefined): AccountId | undefined {
		return account !== undefined && account === this.progress.owner ? this.#profile.account : account;
	}

	/** The very account that made it, on another device. */
	get #same(): boolean {
		return this.progress.owner === this.#profile.account;
	}

	/** Everything but rows. What a later version says beside it is passed over. */
	async take(record: ArchiveRecord["record"]): Promise<void> {
		switch (record.case) {
			case "owner":
				return this.#takeOwner(record.value);
			case "settings": {
				const { readReceipts, typingIndicators } = record.value;
				const settings = {
					...(readReceipts !== undefined && { readReceipts }),
					...(typingIndicators !== undefined && { typingIndicators }),
				};
				this.progress = { ...this.progress, settings };
				return;
			}
			case "decision":
				return this.#takeDecision(record.value);
			case "person":
				return this.#takePerson(record.value);
			case "contact":
				return this.#takeContact(record.value);
			case "contactLink":
				return this.#takeContactLink(record.value);
			case "conversation":
				return this.#takeConversation(record.value);
		}
	}

	#takeOwner({ accountId, name, nameChangedAtMs }: ArchiveOwner): void {
		this.progress = { ...this.progress, owner: readId<AccountId>(accountId) };
		if (this.#same) this.progress = { ...this.progress, name: { name, changedAtMs: Number(nameChangedAtMs) } };
	}

	/** Of the same account only: a new one has said nothing yet. */
	async #takeDecision(decision: ArchiveDecision): Promise<void> {
		const { key, event, version, statement, signature, grants, recordedAtMs } = decision;
		if (!this.#same || !/^[\w-]+$/.test(key) || (await this.#draft.read(KEYS.decision(key))) !== undefined) return;
		this.#draft.write(KEYS.decision(key), {
			key,
			event,
			version,
			decidedAtMs: Number(decision.decidedAtMs),
			statement,
			signature,
			grants: grants.map((grant) => ({
				hash: grant.hash,
				recipient: grant.recipient,
				purpose: grant.purpose,
				generation: grant.generation,
				statement: grant.statement,
				signature: grant.signature,
			})),
			receipt:
				recordedAtMs === 0n
					? undefined
					: {
							statement: decision.receiptStatement,
							signature: decision.receiptSignature,
							recordedAtMs: Number(recordedAtMs),
						},
		});
	}

	async #takePerson(person: ArchivePerson): Promise<void> {
		const account = readId<AccountId>(person.accountId);
		if (account === undefined || account === this.#profile.account) return;
		const known = await readAccount(this.#draft, account);
		const pinned = person.identityKey.length === 0 ? undefined : toHex(person.identityKey);
		const identityKey = known.identityKey ?? pinned;
		const newer = person.name !== "" && (known.name === undefined || known.nameChangedAtMs < person.nameChangedAtMs);
		// On the same account the server knows it already; another one has to tell it first.
		const block = person.blocked && !known.blocked;
		this.#draft.write(KEYS.account(account), {
			...known,
			identityKey,
			// What was said of the key since is the later word.
			confirmedKey:
				known.confirmedKey ??
				(person.confirmed && identityKey === pinned && known.confirmedAtMs === undefined ? pinned : undefined),
			...(newer && { name: person.name, nameChangedAtMs: Number(person.nameChangedAtMs) }),
			phone: known.phone ?? this.#freePhone(person.phone),
			ownName: known.ownName ?? (person.ownName || undefined),
			knownAs: known.knownAs ?? (person.knownAs || undefined),
			blocked: known.blocked || (block && this.#same),
		});
		const toBlock = block && !this.#same ? [...this.progress.toBlock, account] : this.progress.toBlock;
		this.progress = { ...this.progress, toBlock, people: this.progress.people + 1 };
	}

	async #takeContact(said: ArchiveContact): Promise<void> {
		const contact = readCarried(said);
		if (contact === undefined || contact.phone === this.#profile.phone) return;
		const key = KEYS.contact(contact.phone);
		if ((await this.#draft.read(key)) === undefined) this.#draft.write(key, contact);
	}

	/** Of the same account only: it leads to who made it. */
	async #takeContactLink({ token, madeAtMs }: ArchiveContactLink): Promise<void> {
		const known = await this.#draft.read(KEYS.finding);
		if (!this.#same || token.length !== LIMITS.contactLinkBytes || known?.link !== undefined) return;
		const link = { token: toHex(token), madeAtMs: Number(madeAtMs) };
		this.#draft.write(KEYS.finding, { toldContacts: known?.toldContacts, link });
	}

	/** The number, unless somebody else is known to have it now. */
	#freePhone(phone: string): string | undefined {
		if (phone === "" || phone === this.#profile.phone) return undefined;
		for (const other of this.#state.keptWithin<AccountRecord>(KEYS.accounts))
			if (other.phone === phone) return undefined;
		return phone;
	}

	async #takeConversation(conversation: ArchiveConversation): Promise<void> {
		const id = readId<ConversationId>(conversation.id);
		if (id === undefined) return;
		const known = await this.#draft.read(KEYS.conversation(id));
		const members = this.#membersOf(conversation);
		const record =
			known === undefined ? this.#newConversation(id, conversation, members) : merged(known, conversation, members);
		this.#draft.write(KEYS.conversation(id), record);
		const reached = this.#same ? await this.#draft.read(KEYS.archivedUpTo(id)) : undefined;
		if (this.#same && conversation.upToSeq >= (reached?.seq ?? 0))
			this.#draft.write(KEYS.archivedUpTo(id), { archive: this.progress.archive, seq: conversation.upToSeq });
		// A direct chat's title is its peer's name, for which there has to be a record.
		if (record.peer !== undefined && (await this.#draft.read(KEYS.account(record.peer))) === undefined)
			this.#draft.write(KEYS.account(record.peer), { ...UNKNOWN_ACCOUNT, account: record.peer });
		this.touched.add(id);
		this.progress = { ...this.progress, conversations: this.progress.conversations + 1 };
	}

	#membersOf({ members }: ArchiveConversation): readonly MemberRecord[] {
		const found: MemberRecord[] = [];
		for (const { accountId, role, deliveredSeq, readSeq } of members) {
			const account = this.mine(readId<AccountId>(accountId));
			if (account === undefined) continue;
			found.push({
				account,
				role: role === MemberRole.ADMIN ? "admin" : "member",
				devices: [],
				deliveredSeq,
				readSeq,
			});
		}
		return found;
	}

	/** Only its history is here. Where this device is in it, or will be, a Welcome makes it a conversation. */
	#newConversation(
		id: ConversationId,
		conversation: ArchiveConversation,
		members: readonly MemberRecord[],
	): ConversationRecord {
		const { kind, peer, name, nameChangedAtMs, readSeq, unread, activityMs, forked, tookPart } = conversation;
		const continues = readId<ConversationId>(conversation.continues);
		const continuedBy = readId<ConversationId>(conversation.continuedBy);
		return {
			id,
			kind: kind === ConversationKind.DIRECT ? "direct" : "group",
			peer: readId<AccountId>(peer),
			name: name === "" ? undefined : name,
			nameChangedAtMs: Number(nameChangedAtMs),
			state: "ended",
			imported: true,
			members,
			lastOrder: 0,
			lastKey: undefined,
			unread,
			readSeq,
			publishedReadSeq: readSeq,
			activityMs: Number(activityMs),
			profileSentMs: 0,
			forked,
			...(continues !== undefined && { continues }),
			...(continuedBy !== undefined && { continuedBy }),
			...(tookPart && { tookPart }),
			removalsRequired: [],
		};
	}
}

/** What is here stays; what it lacks is added. */
function merged(
	known: ConversationRecord,
	conversation: ArchiveConversation,
	members: readonly MemberRecord[],
): ConversationRecord {
	const { name, nameChangedAtMs, forked } = conversation;
	const named = known.name === undefined && name !== "" ? { name, nameChangedAtMs: Number(nameChangedAtMs) } : {};
	return {
		...known,
		...named,
		forked: known.forked || forked,
		members: known.members.map((member) => {
			const before = members.find(({ account }) => account === member.account);
			if (before === undefined) return member;
			const deliveredSeq = Math.max(member.deliveredSeq, before.deliveredSeq);
			return { ...member, deliveredSeq, readSeq: Math.max(member.readSeq, before.readSeq) };
		}),
	};
}
