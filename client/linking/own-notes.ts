/**
 * What one device of an account tells the others: settings, name and number, who is blocked or was verified, what was
 * read, decisions about sharing, conversations, the address book, what was said before a device came in. A change is
 * noted in the transaction that makes it, and told as it is when its turn comes; what did not leave is told with the next
 * attach. An account with one device tells nothing.
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AccountId,
	type ConversationId,
	type DeviceId,
	type Entry,
	idBytes,
	LABELS,
	LIMITS,
	OwnDevicesPayloadSchema,
	type OwnState,
	OwnStateSchema,
	readId,
	SignedSchema,
	type Timer,
	toHex,
} from "@troth/protocol";
import { Unreadable } from "../content/unreadable.ts";
import { followRead } from "../conversations/read.ts";
import type { DeviceContext } from "../device/context.ts";
import { listedKey } from "../identity/directory.ts";
import { followAcceptance } from "../identity/key-changes.ts";
import { announce } from "../identity/safety.ts";
import { signStatement, verifyStatement } from "../identity/signed.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS, within } from "../state/keys.ts";
import type { OwnNoteRecord } from "../state/linking-records.ts";
import { type Evidence, Need } from "../sync/needs.ts";
import { mergeComplete } from "./before-coming-in.ts";
import { identityKeys, ownDevices } from "./own-list.ts";
import { isMissedRows, type MissedRows, mergeRows, readMissed } from "./own-rows.ts";
import {
	describeContact,
	describeConversation,
	describeDecision,
	describePerson,
	describeProfile,
	mergeContacts,
	mergeConversation,
	mergeDecision,
	mergePerson,
	mergeProfile,
} from "./own-state.ts";
import { deriveKey, openBox, sealBox } from "./secret-box.ts";

/** What changed: the profile, somebody, a conversation or a decision, by its id. */
export type OwnFacet =
	| "profile"
	| `person/${AccountId}`
	| `conversation/${ConversationId}`
	| `decision/${string}`
	| `contact/${string}`
	| MissedRows;

const INFO = "troth/v1/own-devices";
const CHANGE_BYTES = 8;
/** Changes that come together are told together. */
const COLLECT_MS = 250;
const RETRY_MS = 5_000;
/** Facets of one note: a person is a few hundred bytes. */
const AT_ONCE = 64;

export class OwnNotes {
	readonly #context: () => DeviceContext;
	#timer: Timer | undefined;
	#flushing = false;
	#telling: Promise<unknown> = Promise.resolve();

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** In the transaction that changes it. */
	note(draft: Draft, facet: OwnFacet): void {
		const context = this.#context();
		if (ownDevices(context).length < 2) return;
		draft.write(KEYS.ownNote(facet), { change: toHex(context.random(CHANGE_BYTES)) });
		draft.after(() => this.#soon(COLLECT_MS));
	}

	/** What was noted so far leaves before it resolves, if it can now: what comes after it relies on it. */
	async tellNow(): Promise<void> {
		await this.#telling;
		while (await this.#tell().catch(() => false));
	}

	/** This device is up to date: what it did not tell yet leaves. */
	start(): void {
		this.#soon(0);
	}

	close(): void {
		this.#timer?.cancel();
	}

	#soon(delayMs: number): void {
		if (this.#timer !== undefined || this.#flushing) return;
		this.#timer = this.#context().clock.after(delayMs, () => {
			this.#timer = undefined;
			this.#context().background(async () => void (await this.#tell()));
		});
	}

	/** True where more waits than fits into one note, but for what was said. */
	#tell(): Promise<boolean> {
		const telling = this.#flush();
		this.#telling = telling.catch(() => undefined);
		return telling;
	}

	async #flush(): Promise<boolean> {
		const context = this.#context();
		if (!context.attendance.ready || this.#flushing) return false;
		this.#flushing = true;
		let again: number | undefined;
		try {
			const notes = await context.state.rangeKeys<OwnNoteRecord>(within(KEYS.ownNotes));
			if (notes.length === 0) return false;
			const { told, state, rest } = await nextNote(
				context,
				notes.map(([key, { change }]) => ({ facet: key.slice(KEYS.ownNotes.length), change })),
			);
			const said = toBinary(OwnStateSchema, state).length > 0;
			if (said && ownDevices(context).length > 1) {
				const number = await nextNumber(context);
				await context.rpc.linking.tellOwnDevices({ sealed: await seal(context, { ...state, number }) });
			}
			await context.state.transact(async (draft) => {
				for (const { facet, change } of told) {
					const key = KEYS.ownNote(facet);
					// What changed once more meanwhile is told once more.
					if ((await draft.read(key))?.change === change) draft.write(key, undefined);
				}
				if (rest !== undefined) this.note(draft, rest);
			});
			again = COLLECT_MS;
			return notes.filter(([key]) => !isMissedRows(key.slice(KEYS.ownNotes.length))).length > told.length;
		} catch (error) {
			again = RETRY_MS;
			throw error;
		} finally {
			this.#flushing = false;
			if (again !== undefined) this.#soon(again);
		}
	}
}

function nextNumber({ state }: DeviceContext): Promise<number> {
	return state.transact(async (draft) => {
		const number = ((await draft.read(KEYS.ownNoteNumber)) ?? 0) + 1;
		draft.write(KEYS.ownNoteNumber, number);
		return number;
	});
}

interface Noted {
	readonly facet: string;
	readonly change: string;
}

interface NextNote {
	readonly told: readonly Noted[];
	readonly state: OwnState;
	/** What is left of it. */
	readonly rest: MissedRows | undefined;
}

/** What devices have to know first, then what was said, one conversation after the other. */
async function nextNote(context: DeviceContext, notes: readonly Noted[]): Promise<NextNote> {
	const told = notes.filter(({ facet }) => !isMissedRows(facet)).slice(0, AT_ONCE);
	if (told.length > 0) {
		const facets = told.map(({ facet }) => facet);
		return { told, state: await describe(context, facets), rest: undefined };
	}
	const first = notes.slice(0, 1);
	const [{ facet } = { facet: "" }] = first;
	if (!isMissedRows(facet)) return { told: first, state: create(OwnStateSchema, {}), rest: undefined };
	const { rows, rest, complete } = await readMissed(context, facet);
	return { told: first, state: create(OwnStateSchema, { rows, rowsComplete: complete }), rest };
}

async function describe(context: DeviceContext, facets: readonly string[]): Promise<OwnState> {
	const { state } = context;
	const said = create(OwnStateSchema, {});
	for (const facet of facets) {
		const [kind = "", ...rest] = facet.split("/");
		const id = rest.join("/");
		const person = kind === "person" ? state.kept(KEYS.account(id as AccountId)) : undefined;
		const conversation = kind === "conversation" ? state.kept(KEYS.conversation(id as ConversationId)) : undefined;
		if (kind === "profile") said.profile = describeProfile(context.profile());
		if (person !== undefined) said.people.push(describePerson(person));
		if (conversation !== undefined) said.conversations.push(describeConversation(conversation));
		if (kind === "contact") describeContact(said, id, state.kept(KEYS.contact(id)));
		if (kind === "decision") said.decisions.push(describeDecision(id, await state.read(KEYS.decision(id))));
	}
	return said;
}

async function seal(context: DeviceContext, state: OwnState): Promise<Uint8Array<ArrayBuffer>> {
	const { engine, keys, self, random } = context;
	const signed = await signStatement(engine, keys, LABELS.ownState, toBinary(OwnStateSchema, state));
	const { privateKey } = await identityKeys(context);
	const plaintext = toBinary(SignedSchema, signed);
	const bound = boundTo(self.account, self.device);
	return sealBox(deriveKey(privateKey, INFO), bound, plaintext, random);
}

function boundTo(account: AccountId, device: DeviceId): Uint8Array<ArrayBuffer> {
	return new Uint8Array([...idBytes(account), ...idBytes(device)]);
}

/** Applies a note of another device of this account. Throws Need, or Unreadable where it is from none. */
export async function applyOwnNote(
	context: DeviceContext,
	draft: Draft,
	entry: Entry,
	evidence: Evidence,
): Promise<void> {
	const { self } = context;
	const payload = fromBinary(OwnDevicesPayloadSchema, entry.payload);
	const sender = readId<DeviceId>(payload.senderDevice);
	if (sender === undefined || payload.sealed.length > LIMITS.ownDevicesBytes) throw new Unreadable("Malformed");
	const key = listedKey(await draft.read(KEYS.account(self.account)), sender);
	if (key === undefined) {
		if (!evidence.asked.has(self.account)) throw new Need({ kind: "device-lists", accounts: [self.account] });
		throw new Unreadable("WrongSender");
	}
	const { privateKey } = await identityKeys(context);
	const opened = await openBox(deriveKey(privateKey, INFO), boundTo(self.account, sender), payload.sealed);
	if (opened === undefined) throw new Unreadable("Malformed");
	const signed = fromBinary(SignedSchema, opened);
	// Who was removed knows the key that seals, and no listed device's key that signs.
	if (!(await verifyStatement(context.engine, key, LABELS.ownState, signed))) throw new Unreadable("WrongSender");
	const said = fromBinary(OwnStateSchema, signed.statement);
	// What came before, or was told before what came, is no news: the server can not bring back how it was.
	const taken = (await draft.read(KEYS.ownNotesTaken)) ?? {};
	if (said.number <= (taken[sender] ?? -1)) throw new Unreadable("Repeated");
	if (said.number > 0) draft.write(KEYS.ownNotesTaken, { ...taken, [sender]: said.number });
	await merge(context, draft, said);
}

async function merge(context: DeviceContext, draft: Draft, said: OwnState): Promise<void> {
	const { self, announcer } = context;
	if (said.profile !== undefined) draft.after(() => announcer.emit({ type: "self" }));
	if (said.profile !== undefined)
		await context.followProfile(
			draft,
			mergeProfile((await draft.read(KEYS.profile)) ?? context.profile(), said.profile),
		);
	for (const person of said.people) {
		const merged = await mergePerson(draft, self.account, person);
		if (merged === undefined) continue;
		announce(context, draft, merged.account);
		if (merged.accepted) draft.after(() => context.background(() => followAcceptance(context, merged.account)));
	}
	for (const conversation of said.conversations) {
		const id = await mergeConversation(draft, conversation);
		if (id === undefined) continue;
		await followRead(context, draft, id, conversation.readSeq);
		draft.after(() => {
			announcer.conversation(id);
			if (context.attendance.ready) context.joins.start();
		});
	}
	await mergeRows(context, draft, said.rows);
	await mergeComplete(context, draft, said.rowsComplete);
	if (mergeContacts(draft, said)) draft.after(() => announcer.emit({ type: "contacts" }));
	for (const decision of said.decisions) mergeDecision(draft, decision, (statement) => toHex(sha256(statement)));
	if (said.decisions.length > 0) draft.after(() => announcer.emit({ type: "sharing" }));
}
