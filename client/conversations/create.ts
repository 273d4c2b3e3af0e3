/** Starting a conversation: a group of one at epoch 0, and at once the commit that adds everybody (RFC 9420 §11). */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	AuthenticatedDataSchema,
	type ConversationId,
	ConversationKind,
	ID_BYTES,
	isRefusal,
	LIMITS,
	Refusal,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { authorityOf } from "../identity/directory.ts";
import { ownDevices } from "../linking/own-list.ts";
import { enqueueContinuation, enqueueGroupState } from "../outbox/enqueue.ts";
import { type Claimed, claimKeyPackages, committing, storePending } from "../outbox/operations.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord, MemberRecord } from "../state/records.ts";
import { blankConversation } from "../sync/apply-welcome.ts";
import { newLog } from "../sync/witness.ts";

/** How long the Welcome of a conversation that somebody else started at the same time may take. */
const WELCOME_MS = 20_000;
const LOOK_EVERY_MS = 50;

/** The direct conversation with this account, made where there is none (hazard 22). */
export async function openDirect(context: DeviceContext, account: AccountId): Promise<ConversationId> {
	if (account === context.self.account) throw new Refusal("MALFORMED", "a conversation needs somebody else");
	const known = directWith(context, account);
	if (known !== undefined) return known;
	requireConnection(context);
	await context.attendance.caughtUp();
	const welcomed = directWith(context, account);
	if (welcomed !== undefined) return welcomed;
	try {
		return await startConversation(context, { kind: "direct", accounts: [account], name: undefined });
	} catch (error) {
		return orTheirs(context, error);
	}
}

/** The other side was faster: theirs is the one, and its Welcome is on its way. */
async function orTheirs(context: DeviceContext, error: unknown): Promise<ConversationId> {
	if (!isRefusal(error, "CONVERSATION_EXISTS") || error.fields.conversation === undefined) throw error;
	return awaitWelcome(context, error.fields.conversation);
}

/**
 * Gives the conversation's group up and goes on in a new one of the same people. See `TrustDevice.restartConversation`.
 */
export async function restartConversation(context: DeviceContext, id: ConversationId): Promise<ConversationId> {
	const record = requireRestartable(context, id);
	if (record.continuedBy !== undefined) return record.continuedBy;
	requireConnection(context);
	await context.attendance.caughtUp();
	const { kind, peer, members, name, continuedBy } = requireRestartable(context, id);
	if (continuedBy !== undefined) return continuedBy;
	const others = members.map(({ account }) => account).filter((account) => account !== context.self.account);
	const accounts = kind === "direct" && peer !== undefined ? [peer] : others;
	if (accounts.length === 0) throw new Refusal("NOT_FOUND", "nobody else is in the conversation");
	try {
		return await startConversation(context, { kind, accounts, name, replaces: id });
	} catch (error) {
		return orTheirs(context, error);
	}
}

function requireRestartable(context: DeviceContext, id: ConversationId): ConversationRecord {
	const record = context.state.kept(KEYS.conversation(id));
	if (record === undefined || record.state === "creating") throw new Refusal("NOT_FOUND", "no such conversation");
	if (record.state === "ended" && record.continuedBy === undefined)
		throw new Refusal("NOT_A_MEMBER", "this device is no longer in the conversation");
	return record;
}

export async function createGroup(
	context: DeviceContext,
	name: string,
	accounts: readonly AccountId[],
): Promise<ConversationId> {
	const others = [...new Set(accounts)].filter((account) => account !== context.self.account);
	const title = checkGroupName(name);
	if (others.length === 0) throw new Refusal("MALFORMED", "a group needs somebody else");
	requireConnection(context);
	await context.attendance.caughtUp();
	return startConversation(context, { kind: "group", accounts: others, name: title });
}

/** The name without blanks around it. Refuses with MALFORMED where it is empty or too long. */
export function checkGroupName(name: string): string {
	const trimmed = name.trim();
	if (trimmed === "" || [...trimmed].length > LIMITS.groupNameCharacters)
		throw new Refusal("MALFORMED", `a group's name has 1 to ${LIMITS.groupNameCharacters} characters`);
	return trimmed;
}

export function requireConnection(context: DeviceContext): void {
	if (!context.session.attached) throw new Refusal("UNAVAILABLE", "there is no connection");
}

/** The direct conversation with this account that was not given up for another one. */
export function directWith(
	context: DeviceContext,
	account: AccountId,
	{ ended = false } = {},
): ConversationId | undefined {
	for (const record of context.state.keptWithin<ConversationRecord>(KEYS.conversations)) {
		if (record.kind !== "direct" || record.peer !== account || record.continuedBy !== undefined) continue;
		if (record.state !== "creating" && (ended || record.state !== "ended")) return record.id;
	}
	return undefined;
}

interface NewConversation {
	readonly kind: "direct" | "group";
	/** Direct: the other one. */
	readonly accounts: readonly AccountId[];
	readonly name: string | undefined;
	/** The conversation whose place it takes. */
	readonly replaces?: ConversationId;
}

async function startConversation(context: DeviceContext, wanted: NewConversation): Promise<ConversationId> {
	const { accounts } = wanted;
	// The account's other devices are in it from the beginning.
	const own = ownDevices(context).length > 1 ? [context.self.account] : [];
	const claimed = await claimKeyPackages(context, [...accounts, ...own]);
	if (claimed.length + 1 > LIMITS.groupLeaves) throw new Refusal("GROUP_FULL", "too many devices for one group");
	const id = toHex(context.random(ID_BYTES)) as ConversationId;
	const clientSeq = await prepareCreation(context, id, wanted, claimed);
	await context.lanes.follow(id, clientSeq);
	return id;
}

/** Everything is stored before anything is sent: after a crash the same conversation is created, not a second one. */
async function prepareCreation(
	context: DeviceContext,
	id: ConversationId,
	{ kind, accounts, name, replaces }: NewConversation,
	claimed: readonly Claimed[],
): Promise<number> {
	const { engine, self, keys } = context;
	const clientSeq = 1;
	const wireKind = kind === "direct" ? ConversationKind.DIRECT : ConversationKind.GROUP;
	const peer = kind === "direct" ? accounts[0] : undefined;
	await context.state.transact(async (draft) => {
		const nowMs = context.serverNow();
		const keyPackage = await engine.newKeyPackage(self, keys, nowMs, false);
		const alone = await engine.createGroup(id, keyPackage, keys);
		const authenticatedData = toBinary(AuthenticatedDataSchema, create(AuthenticatedDataSchema, { clientSeq }));
		const result = await committing(() =>
			engine.commit(
				alone,
				{ add: claimed.map(({ message }) => message), remove: [], authenticatedData, nowMs },
				authorityOf(draft).authority,
			),
		);
		const blank = blankConversation(undefined, id, { kind: wireKind }, nowMs);
		const members = replaces === undefined ? [] : await membersBefore(draft, replaces);
		draft.write(KEYS.conversation(id), { ...blank, state: "creating", peer, members });
		draft.write(KEYS.log(id), newLog(id, 0));
		await storePending(context, draft, id, "create", alone, result, clientSeq, { kind: wireKind, peer, replaces });
		if (replaces !== undefined) await enqueueContinuation(context, draft, id, replaces);
		if (name !== undefined) await enqueueGroupState(context, draft, id, name, nowMs);
	});
	return clientSeq;
}

/** Roles stay what they were; who has read what begins anew. */
async function membersBefore(draft: Draft, replaces: ConversationId): Promise<readonly MemberRecord[]> {
	const record = await draft.read(KEYS.conversation(replaces));
	return (record?.members ?? []).map((member) => ({ ...member, devices: [], deliveredSeq: 0, readSeq: 0 }));
}

async function awaitWelcome(context: DeviceContext, id: ConversationId): Promise<ConversationId> {
	const endMs = context.clock.now() + WELCOME_MS;
	while (context.clock.now() < endMs) {
		const record = context.state.kept(KEYS.conversation(id));
		if (record !== undefined && record.state !== "creating") return id;
		await new Promise<void>((resolve) => {
			context.clock.after(LOOK_EVERY_MS, resolve);
		});
	}
	throw new Refusal("UNAVAILABLE", "the conversation exists, and its Welcome has not come yet");
}
