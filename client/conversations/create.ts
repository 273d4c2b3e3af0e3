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
import { enqueueGroupState } from "../outbox/enqueue.ts";
import { type Claimed, claimKeyPackages, committing, storePending } from "../outbox/operations.ts";
import { KEYS } from "../state/keys.ts";
import type { ConversationRecord } from "../state/records.ts";
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
		return await startConversation(context, "direct", [account], undefined);
	} catch (error) {
		if (!isRefusal(error, "CONVERSATION_EXISTS") || error.fields.conversation === undefined) throw error;
		// The other side was faster: theirs is the one, and its Welcome is on its way.
		return awaitWelcome(context, error.fields.conversation);
	}
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
	return startConversation(context, "group", others, title);
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

function directWith(context: DeviceContext, account: AccountId): ConversationId | undefined {
	for (const record of context.state.keptWithin<ConversationRecord>(KEYS.conversations)) {
		if (record.kind === "direct" && record.peer === account && record.state !== "creating" && record.state !== "ended")
			return record.id;
	}
	return undefined;
}

async function startConversation(
	context: DeviceContext,
	kind: "direct" | "group",
	accounts: readonly AccountId[],
	name: string | undefined,
): Promise<ConversationId> {
	const claimed = await claimKeyPackages(context, accounts);
	if (claimed.length + 1 > LIMITS.groupLeaves) throw new Refusal("GROUP_FULL", "too many devices for one group");
	const id = toHex(context.random(ID_BYTES)) as ConversationId;
	const clientSeq = await prepareCreation(context, id, kind, claimed, name);
	await context.lanes.follow(id, clientSeq);
	return id;
}

/** Everything is stored before anything is sent: after a crash the same conversation is created, not a second one. */
async function prepareCreation(
	context: DeviceContext,
	id: ConversationId,
	kind: "direct" | "group",
	claimed: readonly Claimed[],
	name: string | undefined,
): Promise<number> {
	const { engine, self, keys } = context;
	const clientSeq = 1;
	const wireKind = kind === "direct" ? ConversationKind.DIRECT : ConversationKind.GROUP;
	const peer = kind === "direct" ? claimed[0]?.account : undefined;
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
		draft.write(KEYS.conversation(id), { ...blank, state: "creating", peer });
		draft.write(KEYS.log(id), newLog(id, 0));
		await storePending(context, draft, id, "create", alone, result, clientSeq, { kind: wireKind, peer });
		if (name !== undefined) await enqueueGroupState(context, draft, id, name, nowMs);
	});
	return clientSeq;
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
