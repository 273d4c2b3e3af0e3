/**
 * The way back into a conversation whose group state was lost or fell behind: by external commit from the GroupInfo and
 * tree that the server keeps current (hazard 18, RFC 9420 section 12.4.3.2). Every leaf is judged as at any join.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	AuthenticatedDataSchema,
	type ConversationId,
	type GetConversationResponse,
	idBytes,
	isRefusal,
	readBlobId,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { authorityOf } from "../identity/directory.ts";
import { learnLists } from "../identity/fetch-lists.ts";
import { MlsRefusal } from "../mls/engine.ts";
import { storePending } from "../outbox/operations.ts";
import { KEYS } from "../state/keys.ts";
import { fetchBlob } from "../sync/bulk.ts";
import { Need } from "../sync/needs.ts";
import { endConversation } from "./epochs.ts";
import { changeConversation } from "./rows.ts";

/** `done`: something changed, look again. `later`: not now. */
export type Rejoined = "done" | "later";

/** Drained first, then compared, then rejoined: a commit that is still on its way needs no way back. */
export async function rejoin(context: DeviceContext, id: ConversationId): Promise<Rejoined> {
	const answer = await currentState(context, id);
	if (answer === "not-a-member") {
		await context.state.transact((draft) => endConversation(context, draft, id));
		return "done";
	}
	const conversation = answer.conversation;
	const log = context.state.kept(KEYS.log(id));
	if (conversation === undefined || log === undefined) return "later";
	// What lies before a device that comes in for the first time is not for it.
	if (log.joining !== true && log.seq < conversation.headSeq) return "later";
	if (await nothingMissed(context, id, conversation.epoch)) return "done";
	const blob = readBlobId(conversation.tree?.sha256 ?? new Uint8Array());
	const tree = blob === undefined ? undefined : await fetchBlob(context.rpc, blob);
	if (tree === undefined) return "later";
	await commitExternally(context, id, answer.groupInfo, tree);
	return "done";
}

async function currentState(
	context: DeviceContext,
	id: ConversationId,
): Promise<GetConversationResponse | "not-a-member"> {
	try {
		return await context.rpc.conversations.getConversation({ conversation: idBytes(id) });
	} catch (error) {
		if (isRefusal(error, "NOT_FOUND", "NOT_A_MEMBER", "FORBIDDEN")) return "not-a-member";
		throw error;
	}
}

/** The gap hid messages only: the group here is still in the server's epoch. */
async function nothingMissed(context: DeviceContext, id: ConversationId, epoch: number): Promise<boolean> {
	return context.state.transact(async (draft) => {
		const group = await draft.readGroup(id);
		if (group === undefined || context.engine.epoch(group) !== epoch) return false;
		await changeConversation(draft, id, (record) => ({ ...record, state: "active" }));
		return true;
	});
}

async function commitExternally(
	context: DeviceContext,
	id: ConversationId,
	groupInfo: Uint8Array,
	tree: Uint8Array,
	asked: ReadonlySet<string> = new Set(),
): Promise<void> {
	const unknown = await context.state
		.transact(async (draft) => {
			const log = await draft.read(KEYS.log(id));
			if (log === undefined) return [];
			const { engine, keys, self } = context;
			const keyPackage = await engine.newKeyPackage(self, keys, context.serverNow(), false);
			const authenticatedData = toBinary(
				AuthenticatedDataSchema,
				create(AuthenticatedDataSchema, { clientSeq: log.nextClientSeq }),
			);
			const judged = authorityOf(draft);
			try {
				const result = await engine.joinExternal(groupInfo, tree, keyPackage, authenticatedData, judged.authority);
				await storePending(context, draft, id, "external", undefined, result, log.nextClientSeq);
			} catch (error) {
				if (!(error instanceof MlsRefusal)) throw error;
				const accounts = [...judged.unknown].filter((account) => !asked.has(account));
				if (accounts.length > 0) throw new Need({ kind: "device-lists", accounts });
				if (error.code !== "UnknownDevice") throw error;
				// Whoever is in there that should not be: nothing is sent to them (hazard 11).
				await changeConversation(draft, id, (record) => ({ ...record, state: "refused" }));
				draft.after(() => context.announcer.conversation(id));
			}
			return [];
		})
		.catch((error: unknown) => {
			if (error instanceof Need && error.of.kind === "device-lists") return error.of.accounts;
			throw error;
		});
	if (unknown.length === 0) return;
	await learnLists(context, unknown);
	await commitExternally(context, id, groupInfo, tree, new Set([...asked, ...unknown]));
}
