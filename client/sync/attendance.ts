/**
 * When this device is up to date: attached, everything that waited is stored, and its positions compared with what the
 * server knows of it. Sending begins only then; a copied or restored profile is found out before it uses a key twice
 * (hazard 16).
 */
import {
	type AccountId,
	type Attached,
	type Conversation,
	type ConversationId,
	ConversationKind,
	type DeviceId,
	idBytes,
	MemberRole,
	readId,
	type Timer,
} from "@troth/protocol";
import { forgetGivenUp } from "../conversations/continuation.ts";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { haltedRefusal } from "../device/halted.ts";
import { followAcceptances } from "../identity/key-changes.ts";
import { tendDevices } from "../linking/tend-devices.ts";
import { refreshAccount, tendCertificate } from "../profile/number.ts";
import { sealForOthers } from "../profile/without-blocked.ts";
import { tendKeyPackages } from "../registration/key-packages.ts";
import { KEYS } from "../state/keys.ts";
import type { MemberRecord } from "../state/records.ts";
import { blankConversation } from "./apply-welcome.ts";
import { CopiedProfile } from "./needs.ts";
import { newLog } from "./witness.ts";

/** After a failed comparison, while the stream is there. */
const RETRY_MS = 2_000;
/** A Welcome may be on its way for so long before a conversation without one counts as lost. */
const WELCOME_MS = 10_000;

export class Attendance {
	readonly #context: () => DeviceContext;
	/** Changes with each stream, so that work of an older one is recognised. */
	#stream = 0;
	#generation = 0;
	#ready = false;
	#waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
	#looking: Timer | undefined;
	/** Conversations that this device should be in and has no keys for, and since when that is known. */
	#strangers = new Map<ConversationId, number>();

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** True while sends may go out. */
	get ready(): boolean {
		return this.#ready;
	}

	/** Resolves when the device is up to date, now or after the next attach. Rejects where it never will be. */
	async caughtUp(): Promise<void> {
		if (this.#ready) return;
		const never = haltedRefusal(this.#context().profile().halted);
		if (never !== undefined) throw never;
		return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
	}

	attached({ generation, queued }: Attached): void {
		this.#stream++;
		this.#generation = generation;
		if (!queued) this.queueEmpty();
	}

	detached(): void {
		this.#stream++;
		this.#ready = false;
		this.#looking?.cancel();
		this.#looking = undefined;
		this.#context().announcer.setLive(false);
	}

	/** The device closes, or may not go on. */
	end(reason: unknown): void {
		this.detached();
		const waiters = this.#waiters;
		this.#waiters = [];
		for (const { reject } of waiters) reject(reason);
	}

	/** The server has sent everything that waited. */
	queueEmpty(): void {
		const stream = this.#stream;
		this.#context().background(() => this.#settle(stream));
	}

	async #settle(stream: number): Promise<void> {
		const context = this.#context();
		await context.inbox.idle();
		while (stream === this.#stream) {
			try {
				await this.#compare(stream);
				break;
			} catch (error) {
				if (error instanceof CopiedProfile) return context.requireRelink();
				await new Promise<void>((resolve) => {
					context.clock.after(RETRY_MS, resolve);
				});
			}
		}
		await context.inbox.idle();
		if (stream !== this.#stream) return;
		await context.changeProfile({ generation: this.#generation });
		this.#becomeReady(context);
	}

	#becomeReady(context: DeviceContext): void {
		this.#ready = true;
		context.announcer.setLive(true);
		context.announcer.emit({ type: "caught-up" });
		for (const { resolve } of this.#waiters) resolve();
		this.#waiters = [];
		context.background(async () => {
			await retryRefused(context);
			await context.lanes.kickAll();
		});
		context.background(() => forgetGivenUp(context));
		context.background(() => context.signals.publishMissing());
		context.background(() => tendKeyPackages(context));
		context.background(() => tendDevices(context));
		context.background(() => followAcceptances(context));
		context.background(() => refreshAccount(context));
		context.background(() => tendCertificate(context));
		context.background(() => sealForOthers(context));
	}

	/** Compares every conversation's position, members and roles with the server's word. */
	async #compare(stream: number): Promise<void> {
		const context = this.#context();
		const { conversations } = await context.rpc.conversations.listConversations({});
		if (stream !== this.#stream) return;
		for (const conversation of conversations) await compareConversation(context, conversation);
		await context.joins.found(conversations);
		await this.#takeInStrangers(context, conversations);
	}

	/** Whoever is not welcomed within a while comes in by external commit. */
	async #takeInStrangers(context: DeviceContext, conversations: readonly Conversation[]): Promise<void> {
		const now = context.clock.now();
		const before = this.#strangers;
		this.#strangers = new Map();
		for (const { id, kind, from } of strangers(context, conversations)) {
			// Its Welcome may be here already and wait for a blob: coming in before it would leave what follows it unread.
			const sinceMs = context.inbox.isBehind(context.self.device) ? now : (before.get(id) ?? now);
			if (now - sinceMs >= WELCOME_MS) await takeIn(context, id, kind, from);
			else this.#strangers.set(id, sinceMs);
		}
		if (this.#strangers.size > 0) this.awaitWelcome();
	}

	/** Entries wait for a Welcome: if it does not come within a while, the server is asked. */
	awaitWelcome(): void {
		if (this.#looking !== undefined) return;
		const stream = this.#stream;
		const context = this.#context();
		this.#looking = context.clock.after(WELCOME_MS, () => {
			this.#looking = undefined;
			if (stream === this.#stream && context.session.attached) context.background(() => this.#compare(stream));
		});
	}

	/** The members of a group changed: who may do what there is the server's to say. */
	membersChanged(id: ConversationId): void {
		const context = this.#context();
		if (!this.#ready) return;
		context.background(async () => {
			const { conversation } = await context.rpc.conversations.getConversation({ conversation: idBytes(id) });
			if (conversation !== undefined) await compareConversation(context, conversation);
		});
	}

	/** A key package of this device was used up. */
	keyPackageUsed(): void {
		const context = this.#context();
		if (this.#ready) context.background(() => tendKeyPackages(context));
	}
}

/** A list that a member's device was missing from may be there by now. */
async function retryRefused(context: DeviceContext): Promise<void> {
	for (const { id, state } of [...context.views.records()]) {
		if (state !== "refused") continue;
		await context.state.transact(async (draft) => {
			await changeConversation(draft, id, (record) => ({ ...record, state: "behind" }));
		});
	}
}

async function compareConversation(context: DeviceContext, conversation: Conversation): Promise<void> {
	const id = readId<ConversationId>(conversation.conversation);
	if (id === undefined) return;
	await context.state.transact(async (draft) => {
		const log = await draft.read(KEYS.log(id));
		const own = ownDevice(context, conversation);
		if (log === undefined || log.joining === true) return;
		// It has acknowledged what is not stored here: another copy of this profile did.
		if (own !== undefined && own.ackedSeq > log.seq)
			throw new CopiedProfile("it acknowledged more than is stored here");
		const record = await draft.read(KEYS.conversation(id));
		if (record === undefined || record.state === "creating") return;
		const members = record.members.map((member) => withServerView(member, conversation));
		if (members.every((member, i) => member === record.members[i])) return;
		await changeConversation(draft, id, (before) => ({ ...before, members }));
		draft.after(() => context.announcer.conversation(id));
	});
}

function ownDevice(context: DeviceContext, conversation: Conversation) {
	return conversation.members
		.flatMap(({ devices }) => devices)
		.find(({ deviceId }) => readId<DeviceId>(deviceId) === context.self.device);
}

function withServerView(member: MemberRecord, { members }: Conversation): MemberRecord {
	const server = members.find(({ accountId }) => readId<AccountId>(accountId) === member.account);
	if (server === undefined) return member;
	const role = server.role === MemberRole.ADMIN ? "admin" : "member";
	const deliveredSeq = Math.max(member.deliveredSeq, ...server.devices.map(({ ackedSeq }) => ackedSeq));
	if (role === member.role && deliveredSeq === member.deliveredSeq) return member;
	return { ...member, role, deliveredSeq };
}

interface Stranger {
	readonly id: ConversationId;
	readonly kind: ConversationKind;
	/** The position before the first entry this device can still have. */
	readonly from: number;
}

/** Conversations of this device that nobody welcomed it to: by the server's list, or because their entries come. */
function strangers(context: DeviceContext, conversations: readonly Conversation[]): readonly Stranger[] {
	const found = new Map<ConversationId, Stranger>();
	for (const conversation of conversations) {
		const id = readId<ConversationId>(conversation.conversation);
		if (id === undefined || context.state.kept(KEYS.log(id)) !== undefined) continue;
		const own = ownDevice(context, conversation);
		if (own !== undefined) found.set(id, { id, kind: conversation.kind, from: own.ackedSeq });
	}
	for (const { log, first } of context.inbox.orphans()) {
		const kind = found.get(log)?.kind ?? ConversationKind.GROUP;
		found.set(log, { id: log, kind, from: first - 1 });
	}
	return [...found.values()];
}

async function takeIn(context: DeviceContext, id: ConversationId, kind: ConversationKind, from: number): Promise<void> {
	const known = context.state.kept(KEYS.conversation(id));
	if (known?.state === "ended" && known.imported !== true) return context.inbox.discard(id);
	await context.state.transact(async (draft) => {
		if ((await draft.read(KEYS.log(id))) !== undefined) return;
		draft.write(KEYS.log(id), newLog(id, from));
		const history = await draft.read(KEYS.conversation(id));
		draft.write(KEYS.conversation(id), blankConversation(history, id, { kind }, context.serverNow()));
		draft.after(() => {
			context.inbox.wake(id);
			context.lanes.kick(id);
		});
	});
}
