/** The device of `api.ts`, over the parts in its context. Every method is one step; the work is in the parts. */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type ConversationId,
	type DeviceId,
	idBytes,
	LABELS,
	LIMITS,
	type MessageId,
	Refusal,
	readId,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import { createGroup, openDirect } from "../conversations/create.ts";
import { addMembers, leave, removeMembers, renameGroup } from "../conversations/manage.ts";
import { markRead } from "../conversations/read.ts";
import { findByNumber, setBlocked } from "../identity/people.ts";
import { confirmSafety, safetyNumberOf } from "../identity/safety.ts";
import { signStatement } from "../identity/signed.ts";
import { enqueueText } from "../outbox/enqueue.ts";
import { checkName } from "../registration/register.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, MessageRecord } from "../state/records.ts";
import type {
	Connection,
	ConversationView,
	Device,
	DeviceEvent,
	DeviceInfo,
	MessageView,
	Person,
	SafetyNumber,
	Self,
	Settings,
	TermsView,
} from "./api.ts";
import type { DeviceContext } from "./context.ts";
import { haltedRefusal } from "./halted.ts";

const LOCALE = "en";

export class LocalDevice implements Device {
	readonly #context: DeviceContext;
	readonly #start: () => void;
	readonly #close: () => Promise<void>;

	constructor(context: DeviceContext, start: () => void, close: () => Promise<void>) {
		this.#context = context;
		this.#start = start;
		this.#close = close;
	}

	async self(): Promise<Self> {
		const { account, device, phone, name, server } = this.#context.profile();
		return { account, device, phone, name, server };
	}

	async connection(): Promise<Connection> {
		return this.#context.session.connection;
	}

	conversations(): Promise<readonly ConversationView[]> {
		return this.#context.views.conversations();
	}

	conversation(id: ConversationId): Promise<ConversationView | undefined> {
		return this.#context.views.conversation(id);
	}

	messages(
		id: ConversationId,
		page: { readonly beforeKey?: string; readonly limit: number },
	): Promise<readonly MessageView[]> {
		return this.#context.views.messages(id, page);
	}

	find(phone: string): Promise<Person> {
		return findByNumber(this.#context, phone);
	}

	openDirect(account: AccountId): Promise<ConversationId> {
		return openDirect(this.#context, account);
	}

	createGroup(name: string, accounts: readonly AccountId[]): Promise<ConversationId> {
		return createGroup(this.#context, name, accounts);
	}

	renameGroup(id: ConversationId, name: string): Promise<void> {
		return renameGroup(this.#context, id, name);
	}

	addMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void> {
		return addMembers(this.#context, id, accounts);
	}

	removeMembers(id: ConversationId, accounts: readonly AccountId[]): Promise<void> {
		return removeMembers(this.#context, id, accounts);
	}

	leave(id: ConversationId): Promise<void> {
		return leave(this.#context, id);
	}

	async send(id: ConversationId, text: string, replyTo?: MessageId): Promise<MessageView> {
		const context = this.#context;
		if (text === "") throw new Refusal("MALFORMED", "there is nothing to send");
		if (new TextEncoder().encode(text).length > LIMITS.textBytes)
			throw new Refusal("TOO_LARGE", "the text is too long", { limitBytes: LIMITS.textBytes });
		const row = await context.state.transact(async (draft): Promise<MessageRecord> => {
			this.#requireSendable(await draft.read(KEYS.conversation(id)));
			return enqueueText(context, draft, id, text, replyTo);
		});
		context.signals.sent(id);
		return context.views.message(id, row);
	}

	#requireSendable(record: { readonly state: string } | undefined): void {
		const never = haltedRefusal(this.#context.profile().halted);
		if (never !== undefined) throw never;
		if (record === undefined || record.state === "creating") throw new Refusal("NOT_FOUND", "no such conversation");
		if (record.state === "ended") throw new Refusal("NOT_A_MEMBER", "this device is no longer in the conversation");
		if (record.state === "refused")
			throw new Refusal("DEVICE_LIST_INVALID", "a member's device is not in its account's signed list");
	}

	stored(id: ConversationId, message: MessageId): Promise<{ readonly seq: number; readonly timeMs: number }> {
		return this.#context.lanes.stored(id, message);
	}

	markRead(id: ConversationId, seq: number): Promise<void> {
		return markRead(this.#context, id, seq);
	}

	typing(id: ConversationId, active: boolean): Promise<void> {
		return this.#context.signals.type(id, active);
	}

	block(account: AccountId): Promise<void> {
		return setBlocked(this.#context, account, true);
	}

	unblock(account: AccountId): Promise<void> {
		return setBlocked(this.#context, account, false);
	}

	async blocked(): Promise<readonly Person[]> {
		const { state, views } = this.#context;
		return [...state.keptWithin<AccountRecord>(KEYS.accounts)]
			.filter(({ blocked }) => blocked)
			.map(({ account }) => views.person(account));
	}

	async rename(name: string): Promise<void> {
		const { nameChangedAtMs } = this.#context.profile();
		const changedAtMs = Math.max(this.#context.serverNow(), nameChangedAtMs + 1);
		await this.#context.changeProfile({ name: checkName(name), nameChangedAtMs: changedAtMs });
	}

	async settings(): Promise<Settings> {
		return this.#context.profile().settings;
	}

	async changeSettings(change: Partial<Settings>): Promise<Settings> {
		const settings = { ...this.#context.profile().settings, ...change };
		await this.#context.changeProfile({ settings });
		return settings;
	}

	async devices(): Promise<readonly DeviceInfo[]> {
		const { rpc, self, state } = this.#context;
		const { devices } = await rpc.accounts.getOwnAccount({});
		const listed = state.kept(KEYS.account(self.account))?.devices ?? [];
		return listed.map(({ device, addedAtMs }) => {
			const activity = devices.find(({ deviceId }) => readId<DeviceId>(deviceId) === device);
			const lastAttachedMs = Number(activity?.lastAttachedMs ?? 0n);
			return {
				device,
				own: device === self.device,
				addedAtMs,
				lastAttachedMs: lastAttachedMs === 0 ? undefined : lastAttachedMs,
			};
		});
	}

	safetyNumber(account: AccountId): Promise<SafetyNumber> {
		return safetyNumberOf(this.#context, account);
	}

	confirmSafetyNumber(account: AccountId, verified: boolean): Promise<void> {
		return confirmSafety(this.#context, account, verified);
	}

	async terms(): Promise<TermsView> {
		const { rpc } = this.#context;
		const [{ current }, { acceptedTermsVersion }] = await Promise.all([
			rpc.terms.getTerms({ locale: LOCALE }),
			rpc.accounts.getOwnAccount({}),
		]);
		if (current === undefined) throw new Refusal("NOT_FOUND", "this server has no terms");
		return {
			version: current.version,
			publishedAtMs: Number(current.publishedAtMs),
			summary: current.summary,
			documents: current.documents.map(({ id, title, body }) => ({ id, title, body })),
			acceptedVersion: acceptedTermsVersion,
		};
	}

	async acceptTerms(version: number): Promise<void> {
		const { rpc, engine, keys, self } = this.#context;
		const { current } = await rpc.terms.getTerms({ locale: LOCALE });
		if (current === undefined || current.version !== version)
			throw new Refusal("TERMS_VERSION_UNKNOWN", "this version is not in force");
		const acceptance = create(TermsAcceptanceSchema, {
			accountId: idBytes(self.account),
			deviceId: idBytes(self.device),
			version,
			policyHash: current.policyHash,
			textHash: current.textHash,
			acceptedAtMs: BigInt(this.#context.serverNow()),
		});
		const statement = toBinary(TermsAcceptanceSchema, acceptance);
		await rpc.terms.acceptTerms({
			acceptance: await signStatement(engine, keys, LABELS.termsAcceptance, statement),
		});
	}

	reconnect(): void {
		this.#start();
	}

	subscribe(listener: (event: DeviceEvent) => void): () => void {
		return this.#context.announcer.subscribe(listener);
	}

	caughtUp(): Promise<void> {
		return this.#context.attendance.caughtUp();
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#close();
	}
}
