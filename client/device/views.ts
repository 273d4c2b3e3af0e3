/** Records as apps see them. */
import type { AccountId, ConversationId } from "@troth/protocol";
import { peopleIn } from "../conversations/members.ts";
import { concerns } from "../identity/directory.ts";
import { isVerified } from "../identity/safety.ts";
import { KEYS, within } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import type { AccountRecord, BodyRecord, ConversationRecord, MemberRecord, MessageRecord } from "../state/records.ts";
import type {
	ChangedPerson,
	ConversationMember,
	ConversationView,
	Delivery,
	KeyChange,
	MessageBody,
	MessageView,
	Person,
} from "./api.ts";

/** Rows in one page, whatever was asked for. */
const LARGEST_PAGE = 1000;

/** What is shown of oneself, as it is now. */
interface OwnFacts {
	readonly account: AccountId;
	readonly name: () => string;
	readonly phone: () => string;
	readonly photo: () => string | undefined;
}

export class Views {
	readonly #state: LocalState;
	readonly #self: OwnFacts;

	constructor(state: LocalState, self: OwnFacts) {
		this.#state = state;
		this.#self = self;
	}

	person(account: AccountId): Person {
		if (account === this.#self.account)
			return {
				account,
				name: this.#self.name(),
				phone: this.#self.phone(),
				self: true,
				...photoIn(this.#self.photo()),
			};
		const known = this.#state.kept(KEYS.account(account));
		return { account, name: nameOf(known), phone: known?.phone, self: false, ...photoIn(known?.photo?.id) };
	}

	/** Undefined where there is no such conversation, or it is not on the server yet. */
	async conversation(id: ConversationId): Promise<ConversationView | undefined> {
		const record = this.#state.kept(KEYS.conversation(id));
		if (record === undefined || record.state === "creating") return undefined;
		const last = record.lastKey === undefined ? undefined : await this.#state.read(KEYS.message(id, record.lastKey));
		const peer = record.peer === undefined ? undefined : this.#state.kept(KEYS.account(record.peer));
		return {
			id,
			kind: record.kind,
			title: this.#title(record, peer),
			members: record.members.map((member) => this.#member(member)),
			ended: record.state === "ended",
			...(isJoining(record, this.#state) && { joining: record.full === true ? "full" : "waiting" }),
			...(record.state === "ended" && record.imported === true && { onlyHistory: true }),
			blocked: peer?.blocked === true,
			unread: record.unread,
			last: last === undefined ? undefined : this.message(id, last),
			epoch: this.#state.kept(KEYS.exporters(id))?.[0]?.epoch ?? 0,
			activityMs: record.activityMs,
			forked: record.forked && record.continuedBy === undefined,
			continuedBy: record.continuedBy,
			changed: this.#changed(record),
		};
	}

	/** What changed about this person and was not settled. */
	changeOf(account: AccountId): KeyChange | undefined {
		const change = this.#state.kept(KEYS.account(account))?.change;
		if (change === undefined) return undefined;
		const { what, asks, seen, successor } = change;
		return { what, asks, seen, successor: successor === undefined ? undefined : this.person(successor) };
	}

	/** Who is in it, and who had the number of somebody in it before. */
	#changed(record: ConversationRecord): readonly ChangedPerson[] {
		const people = peopleIn(record);
		const known = [...this.#state.keptWithin<AccountRecord>(KEYS.accounts)];
		return known
			.filter((account) => concerns(account, people))
			.flatMap(({ account }) => {
				const change = this.changeOf(account);
				return change === undefined ? [] : [{ person: this.person(account), ...change }];
			});
	}

	#title({ kind, name }: ConversationRecord, peer: AccountRecord | undefined): string {
		return (kind === "group" ? name : (nameOf(peer) ?? peer?.phone)) ?? "";
	}

	#member(member: MemberRecord): ConversationMember {
		const known = this.#state.kept(KEYS.account(member.account));
		return {
			...this.person(member.account),
			verified: known !== undefined && isVerified(known),
			role: member.role,
			devices: member.devices.map(({ device }) => device),
			deliveredSeq: member.deliveredSeq,
			readSeq: member.readSeq,
		};
	}

	/** Rows of a conversation that was given up are shown in the one that took its place, before its own. */
	message(conversation: ConversationId, row: MessageRecord): MessageView {
		const { newest, depth } = this.#placeOf(conversation);
		return {
			conversation: newest,
			key: depth === 0 ? row.key : earlierKey(depth, row.key),
			seq: depth === 0 ? row.seq : undefined,
			id: row.id,
			sender: row.sender === undefined ? undefined : this.person(row.sender),
			timeMs: row.timeMs,
			body: this.#body(row.body),
			delivery: this.#delivery(conversation, row),
		};
	}

	#body(body: BodyRecord): MessageBody {
		switch (body.kind) {
			case "added":
			case "removed":
			case "left":
				return { kind: body.kind, who: body.who.map((account) => this.person(account)) };
			case "number-changed":
				return { ...body, who: body.who.map((account) => this.person(account)) };
			case "keys-changed":
				return { kind: body.kind, what: body.what, who: body.who.map((account) => this.person(account)) };
			case "text":
				return body;
			default:
				return body;
		}
	}

	/** Derived, never stored: an own message is where everybody else's positions say it is. */
	#delivery(conversation: ConversationId, { sender, seq, body, failed }: MessageRecord): Delivery | undefined {
		if (sender !== this.#self.account || body.kind !== "text") return undefined;
		if (failed !== undefined) return { state: "failed", code: failed };
		if (seq === undefined) return { state: "waiting" };
		const members = this.#state.kept(KEYS.conversation(conversation))?.members ?? [];
		const others = members.filter(({ account }) => account !== this.#self.account);
		if (others.length === 0) return { state: "stored" };
		if (others.every(({ readSeq }) => readSeq >= seq)) return { state: "read" };
		return { state: others.every(({ deliveredSeq }) => deliveredSeq >= seq) ? "delivered" : "stored" };
	}

	/** Every conversation's record, also of those that are only being made. */
	records(): Iterable<ConversationRecord> {
		return this.#state.keptWithin<ConversationRecord>(KEYS.conversations);
	}

	/** Every conversation, newest activity first. */
	async conversations(): Promise<readonly ConversationView[]> {
		const records = [...this.records()];
		const views = await Promise.all(records.map(({ id }) => this.conversation(id)));
		return views
			.filter((view) => view !== undefined)
			.filter(({ continuedBy }) => continuedBy === undefined)
			.sort((a, b) => b.activityMs - a.activityMs);
	}

	/** Ascending; the newest rows, or those before `beforeKey`. */
	async messages(
		id: ConversationId,
		{ beforeKey, limit }: { readonly beforeKey?: string; readonly limit: number },
	): Promise<readonly MessageView[]> {
		const most = Math.min(Math.max(1, limit), LARGEST_PAGE);
		const start = beforeKey === undefined ? undefined : readKey(beforeKey);
		const found: MessageView[] = [];
		let part: ConversationId | undefined = this.#placeOf(id).newest;
		for (let depth = 0; part !== undefined && found.length < most; depth++) {
			const key = depth === start?.depth ? start.key : undefined;
			if (start === undefined || depth >= start.depth)
				found.push(...(await this.#rows(part, key, most - found.length)));
			part = this.#state.kept(KEYS.conversation(part))?.continues;
		}
		return found.reverse();
	}

	/** Descending. */
	async #rows(id: ConversationId, beforeKey: string | undefined, limit: number): Promise<readonly MessageView[]> {
		const [from, to] = within(KEYS.messages(id));
		const rows = await this.#state.range<MessageRecord>(
			[from, beforeKey === undefined ? to : KEYS.message(id, beforeKey)],
			{ limit, reverse: true },
		);
		return rows.map((row) => this.message(id, row));
	}

	/** The conversation that goes on, and how many came after this one. */
	#placeOf(id: ConversationId): { readonly newest: ConversationId; readonly depth: number } {
		let newest = id;
		for (let depth = 0; ; depth++) {
			const next = this.#state.kept(KEYS.conversation(newest))?.continuedBy;
			if (next === undefined) return { newest, depth };
			newest = next;
		}
	}
}

function nameOf(known: AccountRecord | undefined): string | undefined {
	return known?.ownName ?? known?.name ?? known?.knownAs;
}

/** Conversations that took each other's place are counted down from this, so that older keys come first. */
const MOST_PARTS = 9999;

/** A key that stands before all keys of later parts: `-` comes before every digit. */
function earlierKey(depth: number, key: string): string {
	return `-${MOST_PARTS - depth}-${key}`;
}

function readKey(key: string): { readonly depth: number; readonly key: string } {
	const [, part, own] = /^-(\d{4})-(.+)$/.exec(key) ?? [];
	return part === undefined || own === undefined ? { depth: 0, key } : { depth: MOST_PARTS - Number(part), key: own };
}

function photoIn(photo: string | undefined): { readonly photo?: string } {
	return photo === undefined ? {} : { photo };
}

/** Not in it yet: its turn comes, or it is on its way in for the first time. */
function isJoining({ id, state }: ConversationRecord, local: LocalState): boolean {
	return state === "joining" || (state === "behind" && local.kept(KEYS.log(id))?.joining === true);
}
