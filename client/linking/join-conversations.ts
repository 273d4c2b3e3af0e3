/**
 * The job of a linked device: it comes in to every conversation of its account, the most recent first, one after the
 * other (hazard 23). What is left to do stands in the conversations' records, so that it goes on after any crash; a lost
 * race against another commit is the lane's to repeat.
 */
import {
	type AccountId,
	type Conversation,
	type ConversationId,
	ConversationKind,
	idBytes,
	isRefusal,
	readId,
	type Timer,
} from "@troth/protocol";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
import { settleMissing } from "./before-coming-in.ts";
import { joiningConversation } from "./joining-record.ts";

/** One that takes longer goes on beside the next one. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 60_000;

export class ConversationJoiner {
	readonly #context: () => DeviceContext;
	/** Did not get in since the last attach: tried again with the next one. */
	readonly #tried = new Set<ConversationId>();
	#running = false;
	#watching: (() => void) | undefined;
	#settled: (() => void) | undefined;
	#current: ConversationId | undefined;
	#later: Timer | undefined;

	constructor(context: () => DeviceContext) {
		this.#context = context;
	}

	/** This device is up to date and may send: go on with what is left. */
	start(): void {
		this.#tried.clear();
		this.#go();
	}

	/** Conversations of the account that this device is not in, as the server's list has them. */
	async found(conversations: readonly Conversation[]): Promise<void> {
		const context = this.#context();
		for (const conversation of conversations) {
			const id = readId<ConversationId>(conversation.conversation);
			if (id === undefined || context.state.kept(KEYS.log(id)) !== undefined) continue;
			const { members } = conversation;
			const account = idOf(members.find(({ accountId }) => idOf(accountId) === context.self.account)?.accountId);
			const here = members.some(({ devices }) =>
				devices.some(({ deviceId }) => readId<never>(deviceId) === (context.self.device as string)),
			);
			if (account === undefined || here) continue;
			const group = conversation.kind === ConversationKind.GROUP;
			const other = members.find(({ accountId }) => idOf(accountId) !== context.self.account);
			await this.#take(id, group ? "group" : "direct", group ? undefined : idOf(other?.accountId));
		}
	}

	/** Another device of the account is in a conversation that this one does not know. */
	async take(id: ConversationId): Promise<void> {
		const context = this.#context();
		if (context.state.kept(KEYS.log(id)) !== undefined) return;
		try {
			const { conversation } = await context.rpc.conversations.getConversation({ conversation: idBytes(id) });
			if (conversation !== undefined) await this.found([conversation]);
		} catch (error) {
			if (!isRefusal(error, "NOT_FOUND", "NOT_A_MEMBER", "FORBIDDEN")) throw error;
		}
		this.#go();
	}

	async #take(id: ConversationId, kind: "direct" | "group", peer: AccountId | undefined): Promise<void> {
		const context = this.#context();
		await context.state.transact(async (draft) => {
			const known = await draft.read(KEYS.conversation(id));
			if (known?.state === "ended" && known.imported !== true) return;
			const facts = { kind, peer, activityMs: known?.activityMs ?? 0 };
			draft.write(KEYS.conversation(id), joiningConversation(draft, known, id, facts));
			draft.after(() => context.announcer.conversation(id));
		});
	}

	#go(): void {
		if (this.#running) return;
		this.#running = true;
		this.#context().background(async () => {
			try {
				await this.#run();
			} finally {
				this.#running = false;
			}
		});
	}

	async #run(): Promise<void> {
		const context = this.#context();
		this.#watching ??= context.announcer.subscribe((event) => {
			if (event.type === "conversation" && event.conversation.id === this.#current) this.#look();
		});
		for (let next = this.#next(); next !== undefined && context.attendance.ready; next = this.#next()) {
			this.#tried.add(next);
			await this.#join(next);
			this.lookLater();
		}
	}

	/** The account's other devices are given time to tell what was said before; then it is shown what may be missing. */
	lookLater(): void {
		const context = this.#context();
		this.#later?.cancel();
		this.#later = context.clock.after(LOOK_MS, () => context.background(() => settleMissing(context, "shown")));
	}

	/** The one in which something happened last. */
	#next(): ConversationId | undefined {
		const left = [...this.#context().state.keptWithin<ConversationRecord>(KEYS.conversations)]
			.filter(({ id, state }) => state === "joining" && !this.#tried.has(id))
			.sort((a, b) => b.activityMs - a.activityMs);
		return left[0]?.id;
	}

	async #join(id: ConversationId): Promise<void> {
		const context = this.#context();
		await context.state.transact(async (draft) => {
			await changeConversation(draft, id, (record) => ({ ...record, state: "behind" }));
		});
		this.#current = id;
		let patience: Timer | undefined;
		await new Promise<void>((resolve) => {
			this.#settled = resolve;
			patience = context.clock.after(PATIENCE_MS, resolve);
			context.lanes.kick(id);
			this.#look();
		});
		patience?.cancel();
		this.#current = undefined;
	}

	#look(): void {
		const state = this.#current && this.#context().state.kept(KEYS.conversation(this.#current))?.state;
		if (state !== "behind") this.#settled?.();
	}

	close(): void {
		this.#later?.cancel();
		this.#watching?.();
		this.#settled?.();
	}
}

function idOf(bytes: Uint8Array | undefined): AccountId | undefined {
	return bytes === undefined ? undefined : readId<AccountId>(bytes);
}
