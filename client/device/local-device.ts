/**
 * The device of `api.ts`, over the parts in its context. Every method is one step; the work is in the parts. Larger parts
 * bring their methods themselves (`open-device.ts`).
 */
import {
	type AbusePurpose,
	type AccountId,
	type ConversationId,
	LIMITS,
	type MessageId,
	Refusal,
	type ReportReason,
} from "@troth/protocol";
import { listBusinesses } from "../business/businesses.ts";
import { prepareMessage } from "../business/outgoing.ts";
import { setBusinessPreference } from "../business/preferences.ts";
import { consentReceipt } from "../business/receipts.ts";
import { putTemplate } from "../business/templates.ts";
import { decide, linkRecipient } from "../consent/decide.ts";
import { describePerson } from "../consent/describe-person.ts";
import { readReceipts } from "../consent/receipts.ts";
import { readStanding } from "../consent/standing.ts";
import { createGroup, openDirect, restartConversation } from "../conversations/create.ts";
import { addMembers, leave, removeMembers, renameGroup } from "../conversations/manage.ts";
import { markRead } from "../conversations/read.ts";
import { acceptKeyChange, acknowledgeKeyChange, requireLookedAt } from "../identity/key-changes.ts";
import { findByNumber, setBlocked } from "../identity/people.ts";
import { compareSafetyCode, confirmSafety, safetyNumberOf } from "../identity/safety.ts";
import { objectTo, readLimits, reportAccount } from "../limits/limits.ts";
import { enqueueText } from "../outbox/enqueue.ts";
import { readPush } from "../push/push.ts";
import {
	changeNumber,
	requestNumberCode,
	resendNumberCode,
	unlockNewNumber,
	verifyNumberCode,
} from "../registration/change-number.ts";
import { checkName } from "../registration/register.ts";
import { listShares } from "../shares/list-shares.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, MessageRecord } from "../state/records.ts";
import { acceptTerms } from "../terms/accept.ts";
import { accountEnding, dismissEnding } from "../terms/account-ending.ts";
import { confirmNotice, endReminder, waitingNotice, waitingReminder } from "../terms/notice.ts";
import { showTerms } from "../terms/show-terms.ts";
import type {
	AccountEnding,
	ArchiveDevice,
	BusinessMessage,
	BusinessPermission,
	BusinessPreferenceView,
	BusinessPurpose,
	BusinessView,
	Choice,
	CodeChannelName,
	CodeSent,
	Connection,
	ConsentReceiptView,
	ConversationView,
	Device,
	DeviceEvent,
	FindingDevice,
	LimitView,
	LinkingDevice,
	MessageView,
	NumberAttempt,
	NumberChanged,
	NumberTelling,
	Person,
	PersonDescription,
	PresenceDevice,
	PresentationView,
	ProfileDevice,
	PushView,
	ReceiptView,
	Revealed,
	SafetyComparison,
	SafetyNumber,
	Self,
	Settings,
	SharesView,
	SharingView,
	TemplateView,
	TermsReminder,
	TermsView,
	VerifiedNumber,
} from "./api.ts";
import type { DeviceContext } from "./context.ts";
import { deleteAccount } from "./delete-account.ts";
import { requireSendable } from "./require-sendable.ts";

type Parts = ArchiveDevice & FindingDevice & LinkingDevice & PresenceDevice & ProfileDevice;

export class LocalDevice implements Omit<Device, keyof Parts> {
	readonly #context: DeviceContext;
	readonly #start: () => void;
	readonly #close: () => Promise<void>;
	readonly #erase: () => Promise<void>;

	/** @param erase leaves nothing in the store, and closes */
	constructor(context: DeviceContext, start: () => void, close: () => Promise<void>, erase: () => Promise<void>) {
		this.#context = context;
		this.#start = start;
		this.#close = close;
		this.#erase = erase;
	}

	async self(): Promise<Self> {
		const { account, device, phone, name, server, photo } = this.#context.profile();
		return { account, device, phone, name, server, ...(photo !== undefined && { photo: photo.id }) };
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

	async send(id: ConversationId, message: string | BusinessMessage, replyTo?: MessageId): Promise<MessageView> {
		const context = this.#context;
		const { text, business } = prepareMessage(message);
		if (text === "") throw new Refusal("MALFORMED", "there is nothing to send");
		if (new TextEncoder().encode(text).length > LIMITS.textBytes)
			throw new Refusal("TOO_LARGE", "the text is too long", { limitBytes: LIMITS.textBytes });
		const row = await context.state.transact(async (draft): Promise<MessageRecord> => {
			requireSendable(context, await draft.read(KEYS.conversation(id)));
			requireLookedAt(context, id);
			return enqueueText(context, draft, id, text, replyTo, business);
		});
		context.signals.sent(id);
		return context.views.message(id, row);
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

	safetyNumber(account: AccountId): Promise<SafetyNumber> {
		return safetyNumberOf(this.#context, account);
	}

	confirmSafetyNumber(account: AccountId, verified: boolean): Promise<void> {
		return confirmSafety(this.#context, account, verified);
	}

	compareSafetyCode(code: string, account?: AccountId): Promise<SafetyComparison> {
		return compareSafetyCode(this.#context, code, account);
	}

	acknowledgeKeyChange(account: AccountId): Promise<void> {
		return acknowledgeKeyChange(this.#context, account);
	}

	acceptKeyChange(account: AccountId): Promise<ConversationId | undefined> {
		return acceptKeyChange(this.#context, account);
	}

	restartConversation(id: ConversationId): Promise<ConversationId> {
		return restartConversation(this.#context, id);
	}

	terms(version?: number): Promise<TermsView> {
		return showTerms(this.#context, version);
	}

	acceptTerms(version: number): Promise<void> {
		return acceptTerms(this.#context, version);
	}

	async sharing(): Promise<SharingView> {
		return (await readStanding(this.#context)).view;
	}

	notice(): Promise<number | undefined> {
		return waitingNotice(this.#context);
	}

	accountEnding(): Promise<AccountEnding | undefined> {
		return accountEnding(this.#context);
	}

	dismissAccountEnding(): Promise<void> {
		return dismissEnding(this.#context);
	}

	reminder(): Promise<TermsReminder | undefined> {
		return waitingReminder(this.#context);
	}

	reminderShown(version: number): Promise<void> {
		return endReminder(this.#context, version);
	}

	confirmNotice(version: number): Promise<SharingView> {
		return confirmNotice(this.#context, version);
	}

	describePerson(description: PersonDescription): Promise<SharingView> {
		return describePerson(this.#context, description);
	}

	decide(decisions: readonly Choice[], presentation: PresentationView): Promise<SharingView> {
		return decide(this.#context, decisions, presentation);
	}

	linkRecipient(nonce: string, recipient: string): Promise<SharingView> {
		return linkRecipient(this.#context, nonce, recipient);
	}

	receipts(): Promise<readonly ReceiptView[]> {
		return readReceipts(this.#context);
	}

	shares(): Promise<SharesView> {
		return listShares(this.#context);
	}

	businesses(): Promise<readonly BusinessView[]> {
		return listBusinesses(this.#context);
	}

	setBusinessPreference(
		business: AccountId,
		purpose: BusinessPurpose,
		permission: BusinessPermission,
	): Promise<BusinessPreferenceView> {
		return setBusinessPreference(this.#context, business, purpose, permission);
	}

	putTemplate(template: TemplateView): Promise<void> {
		return putTemplate(this.#context, template);
	}

	consentReceipt(person: AccountId, purpose: BusinessPurpose): Promise<ConsentReceiptView> {
		return consentReceipt(this.#context, person, purpose);
	}

	push(): Promise<PushView> {
		return readPush(this.#context);
	}

	async subscribePush(endpoint: string): Promise<void> {
		await this.#context.rpc.push.subscribePush({ endpoint });
	}

	async unsubscribePush(): Promise<void> {
		await this.#context.rpc.push.unsubscribePush({});
	}

	limits(): Promise<readonly LimitView[]> {
		return readLimits(this.#context);
	}

	objectTo(purpose: AbusePurpose): Promise<readonly LimitView[]> {
		return objectTo(this.#context, purpose);
	}

	report(account: AccountId, reason: ReportReason, reveal?: Revealed): Promise<number> {
		return reportAccount(this.#context, account, reason, reveal);
	}

	requestNumberCode(phone: string): Promise<NumberAttempt> {
		return requestNumberCode(this.#context, phone);
	}

	resendNumberCode(attempt: string, channel?: CodeChannelName): Promise<Omit<CodeSent, "attempt">> {
		return resendNumberCode(this.#context, attempt, channel);
	}

	verifyNumberCode(attempt: string, code: string): Promise<VerifiedNumber> {
		return verifyNumberCode(this.#context, attempt, code);
	}

	unlockNewNumber(attempt: string, pin: string): Promise<void> {
		return unlockNewNumber(this.#context, attempt, pin);
	}

	async registrationLock(): Promise<boolean> {
		return (await this.#context.rpc.accounts.getOwnAccount({})).registrationLock;
	}

	async setRegistrationLock(pin: string): Promise<void> {
		await this.#context.rpc.accounts.setRegistrationLock({ pin });
	}

	async removeRegistrationLock(): Promise<void> {
		await this.#context.rpc.accounts.removeRegistrationLock({});
	}

	changeNumber(attempt: string, control: PresentationView["control"], tell?: NumberTelling): Promise<NumberChanged> {
		return changeNumber(this.#context, attempt, control, tell);
	}

	async deleteAccount(): Promise<void> {
		await deleteAccount(this.#context);
		await this.#erase();
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
