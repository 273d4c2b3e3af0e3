/** An application message of somebody else: decrypt, check that everything around it is true, keep what it says. */
import {
	type AccountId,
	type AuthenticatedData,
	type Content,
	type ConversationId,
	type DeviceId,
	type Entry,
	type MessageId,
	readId,
	type TemplateMessage,
	toHex,
} from "@troth/protocol";
import { addressKey } from "../business/templates.ts";
import { type BusinessHeader, readHeader } from "../content/business-header.ts";
import { readAuthenticatedData, unwrapContent } from "../content/envelope.ts";
import { markOfText, openTemplateMessage } from "../content/template.ts";
import { Unreadable } from "../content/unreadable.ts";
import { learnContinuation } from "../conversations/continuation.ts";
import { addRow, changeConversation } from "../conversations/rows.ts";
import type { TemplateView } from "../device/business-api.ts";
import type { DeviceContext } from "../device/context.ts";
import { authorityOf } from "../identity/directory.ts";
import { keepOpening } from "../limits/openings.ts";
import { type GroupMember, MlsRefusal, type Processed } from "../mls/engine.ts";
import { learnProfile } from "../profile/learn-profile.ts";
import { showNumberChanged } from "../profile/number-changed.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { LogRecord } from "../state/records.ts";
import { type Evidence, Need } from "./needs.ts";
import { judgeWitness } from "./witness.ts";

/**
 * Applies one message entry and returns the log as the sender's words leave it. Throws Need, MlsRefusal or Unreadable
 * where nothing of it can be used.
 */
export async function applyMessage(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	log: LogRecord,
	entry: Entry,
	evidence: Evidence,
): Promise<LogRecord> {
	const processed = await processInGroup(context, draft, id, entry.payload, evidence);
	if (processed.kind !== "application") throw new Unreadable("Malformed");
	draft.writeGroup(id, processed.next);
	const { sender } = processed;
	const timeMs = Number(entry.timeMs);
	try {
		const { content, header } = readContent(processed.plaintext, processed.authenticatedData, sender, entry);
		const counted = await countSender(context, draft, id, log, sender, content, timeMs);
		const witnessed = await compareHistories(context, draft, id, counted, content, timeMs);
		await keepContent(context, draft, id, sender, content, header, entry, evidence);
		if (content.body.case === "text" || content.body.case === "template")
			keepOpening(draft, id, entry, sender.account, processed.plaintext);
		return witnessed;
	} catch (error) {
		if (!(error instanceof Unreadable)) throw error;
		await addRow(context, draft, id, {
			seq: entry.seq,
			id: undefined,
			sender: sender.account,
			timeMs,
			body: { kind: "unreadable", code: error.code },
		});
		return withoutSender(log, sender.device);
	}
}

/** Puts bytes into the conversation's group. Throws Need where a leaf's account has to be looked up first. */
export async function processInGroup(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	message: Uint8Array,
	evidence: Evidence,
): Promise<Processed> {
	const group = await draft.readGroup(id);
	if (group === undefined) throw new Unreadable("NoGroup");
	const { authority, unknown } = authorityOf(draft);
	try {
		return await context.engine.process(group, message, authority);
	} catch (error) {
		const accounts = [...unknown].filter((account) => !evidence.asked.has(account));
		if (error instanceof MlsRefusal && accounts.length > 0) throw new Need({ kind: "device-lists", accounts });
		throw error;
	}
}

/** The content, once sender and number are the same inside and outside (hazards 6 and 14). */
function readContent(
	plaintext: Uint8Array,
	authenticatedData: Uint8Array,
	sender: GroupMember,
	entry: Entry,
): { readonly content: Content; readonly header: BusinessHeader | undefined } {
	if (readId<AccountId>(entry.senderAccount) !== sender.account) throw new Unreadable("WrongSender");
	if (readId<DeviceId>(entry.senderDevice) !== sender.device) throw new Unreadable("WrongSender");
	const authenticated: AuthenticatedData = readAuthenticatedData(authenticatedData);
	if (authenticated.clientSeq !== entry.clientSeq) throw new Unreadable("Renumbered");
	const content = unwrapContent(plaintext, authenticated);
	if (content.clientSeq !== entry.clientSeq) throw new Unreadable("Renumbered");
	if (content.body.case === undefined) throw new Unreadable("Unsupported");
	return { content, header: readHeader(authenticated) };
}

/** Every sender's numbers are contiguous: one that is missing was kept from us. */
async function countSender(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	log: LogRecord,
	sender: GroupMember,
	content: Content,
	timeMs: number,
): Promise<LogRecord> {
	const last = log.senders[sender.device];
	if (last !== undefined && content.clientSeq <= last) throw new Unreadable("Repeated");
	if (last !== undefined && content.clientSeq > last + 1) await showFork(context, draft, id, timeMs);
	return withSender(log, sender.device, content.clientSeq);
}

export function withSender(log: LogRecord, device: DeviceId, clientSeq: number): LogRecord {
	return { ...log, senders: { ...log.senders, [device]: clientSeq } };
}

/** The last number of this device is not known: its next one is taken as it comes. */
export function withoutSender(log: LogRecord, device: DeviceId): LogRecord {
	const { [device]: _, ...senders } = log.senders;
	return { ...log, senders };
}

async function compareHistories(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	log: LogRecord,
	content: Content,
	timeMs: number,
): Promise<LogRecord> {
	const verdict = await judgeWitness(draft, log, content.witness);
	if (verdict.kind === "differs") await showFork(context, draft, id, timeMs);
	return verdict.kind === "adopted" ? verdict.log : log;
}

/** Says once that members hold different histories. It stays said: nothing later can make it untrue. */
export async function showFork(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	timeMs: number,
): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined || record.forked) return;
	await changeConversation(draft, id, (before) => ({ ...before, forked: true }));
	await addRow(context, draft, id, {
		seq: undefined,
		id: undefined,
		sender: undefined,
		timeMs,
		body: { kind: "forked" },
	});
}

async function keepContent(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	sender: GroupMember,
	content: Content,
	header: BusinessHeader | undefined,
	entry: Entry,
	evidence: Evidence,
): Promise<void> {
	const timeMs = Number(entry.timeMs);
	await learnSender(context, draft, id, sender, content, timeMs);
	const row = {
		seq: entry.seq,
		id: toHex(content.messageId) as MessageId,
		sender: sender.account,
		timeMs,
	};
	switch (content.body.case) {
		case "text": {
			const { text, replyTo } = content.body.value;
			const business = markOfText(header);
			await addRow(context, draft, id, {
				...row,
				body: { kind: "text", text, replyTo: readId<MessageId>(replyTo), ...(business !== undefined && { business }) },
			});
			draft.after(() => context.signals.stopped(id, sender.account));
			return;
		}
		case "template": {
			const message = content.body.value;
			const { text, mark } = openTemplateMessage(
				header,
				message,
				await registeredTemplate(draft, sender, message, evidence),
			);
			const replyTo = readId<MessageId>(message.replyTo);
			await addRow(context, draft, id, { ...row, body: { kind: "text", text, replyTo, business: mark } });
			return;
		}
		case "groupState":
			return learnGroupState(context, draft, id, content.body.value, row);
		case "continuation":
			return learnContinuation(context, draft, id, sender.account, content.body.value.replaces);
		case "introduction":
			// It says only who somebody is, and perhaps that they have another number.
			draft.after(() => context.announcer.conversation(id));
			if (content.body.value.numberChanged !== undefined) await showNumberChanged(context, draft, id, row, content);
			return;
	}
}

/**
 * The template as its business registered it, kept from then on: the server is asked once, and not each time a message
 * comes. Throws Need where it was not asked yet.
 */
async function registeredTemplate(
	draft: Draft,
	{ account: business }: GroupMember,
	{ templateId: id, templateVersion: version }: TemplateMessage,
	{ templates }: Evidence,
): Promise<TemplateView | undefined> {
	const address = { business, id, version };
	const key = addressKey(address);
	const kept = await draft.read(KEYS.template(key));
	if (kept !== undefined) return kept;
	if (!templates.has(key)) throw new Need({ kind: "template", template: address });
	const template = templates.get(key);
	if (template !== undefined) draft.write(KEYS.template(key), template);
	return template;
}

/** Who somebody is travels inside the ciphertext. */
async function learnSender(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	{ account }: GroupMember,
	{ profile }: Content,
	timeMs: number,
): Promise<void> {
	// Devices of one account tell each other in their own notes (`linking/own-notes.ts`).
	if (profile === undefined || account === context.self.account) return;
	if (await learnProfile(context, draft, account, profile, timeMs))
		draft.after(() => context.announcer.conversation(id));
}

/** A group's name as somebody describes it. Repeating it to new members is not news. */
export async function learnGroupState(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	state: { readonly name: string; readonly changedAtMs: bigint },
	row: {
		readonly seq: number;
		readonly id: MessageId;
		readonly sender: AccountId;
		readonly timeMs: number;
	},
): Promise<void> {
	const record = await draft.read(KEYS.conversation(id));
	if (record === undefined || record.kind !== "group") return;
	const changedAtMs = Number(state.changedAtMs);
	if (record.name !== undefined && changedAtMs <= record.nameChangedAtMs) return;
	await changeConversation(draft, id, (before) => ({ ...before, name: state.name, nameChangedAtMs: changedAtMs }));
	draft.after(() => context.announcer.conversation(id));
	// The first name one learns is how the group is called, not a change of it.
	if (record.name === undefined || record.name === state.name) return;
	await addRow(context, draft, id, { ...row, body: { kind: "renamed", name: state.name } });
}
