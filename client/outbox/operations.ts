/** Changes of a group that this device wants: what is asked for, and how it becomes a commit. */
import { create, toBinary } from "@bufbuild/protobuf";
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type AccountId,
	AuthenticatedDataSchema,
	type CommitBundle,
	CommitBundleSchema,
	CommitToConversationRequestSchema,
	type ConversationId,
	ConversationKind,
	CreateConversationRequestSchema,
	type DeviceId,
	idBytes,
	Refusal,
	readId,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { showChangedKeys } from "../identity/changed-keys.ts";
import { authorityOf, learnDeviceList } from "../identity/directory.ts";
import { type CommitResult, type MlsGroup, MlsRefusal } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { PendingCommitRecord } from "../state/records.ts";

export type Change =
	| { readonly kind: "add"; readonly accounts: readonly AccountId[] }
	| { readonly kind: "remove"; readonly accounts: readonly AccountId[] }
	/** One account for another: that of somebody who registered anew. */
	| { readonly kind: "replace"; readonly account: AccountId; readonly successor: AccountId }
	/** Commits the removals that have to be made, and nothing else (hazards 10 and 11). */
	| { readonly kind: "settle" };

/** A key package as it was claimed: used in one commit at most. */
export interface Claimed {
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly message: Uint8Array;
}

/**
 * Claims one key package of every device of these accounts, after their device lists were verified. Refuses with
 * NOT_FOUND, NO_KEY_PACKAGE, RATE_LIMITED, DEVICE_LIST_INVALID.
 */
export async function claimKeyPackages(
	context: DeviceContext,
	accounts: readonly AccountId[],
): Promise<readonly Claimed[]> {
	const answer = await context.rpc.keys.claimKeyPackages({ accountIds: accounts.map((id) => idBytes(id)) });
	await context.state.transact(async (draft) => {
		for (const { accountId, deviceList } of answer.deviceLists) {
			const account = readId<AccountId>(accountId);
			if (account === undefined || !accounts.includes(account)) continue;
			const learned = await learnDeviceList(context.engine, draft, account, deviceList, (part, changed, what) =>
				showChangedKeys(context, part, changed, context.serverNow(), what),
			);
			if (learned === "invalid") throw new Refusal("DEVICE_LIST_INVALID", "a device list does not verify");
		}
	});
	const claimed = answer.keyPackages.flatMap(({ accountId, deviceId, keyPackage }) => {
		const [account, device] = [readId<AccountId>(accountId), readId<DeviceId>(deviceId)];
		return account === undefined || device === undefined ? [] : [{ account, device, message: keyPackage }];
	});
	for (const account of accounts) {
		if (account !== context.self.account && !claimed.some((one) => one.account === account))
			throw new Refusal("NO_KEY_PACKAGE", "somebody has no device that can be added");
	}
	return claimed.filter(({ account }) => accounts.includes(account));
}

/**
 * Makes the commit for a change in the group's present epoch and stores it as pending with its next state, in this
 * draft. Undefined where there is nothing left to do. Refuses with DEVICE_LIST_INVALID for a device that its account
 * does not list.
 */
export async function prepareCommit(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	change: Change,
	claimed: readonly Claimed[],
): Promise<PendingCommitRecord | undefined> {
	const [group, log, record] = [
		await draft.readGroup(id),
		await draft.read(KEYS.log(id)),
		await draft.read(KEYS.conversation(id)),
	];
	if (group === undefined || log === undefined || record === undefined)
		throw new Refusal("NOT_A_MEMBER", "this device has no keys for the conversation");
	const members = context.engine.members(group);
	const departed = members.filter(({ device }) => record.removalsRequired.includes(device));
	const add = claimed.filter(({ device }) => !members.some((member) => member.device === device));
	const goes = accountsToRemove(change);
	const asked = members.filter(({ account }) => goes.includes(account));
	const remove = [...new Set([...departed, ...asked].map(({ leaf }) => leaf))];
	if (add.length === 0 && remove.length === 0) return undefined;
	const authenticatedData = toBinary(
		AuthenticatedDataSchema,
		create(AuthenticatedDataSchema, {
			clientSeq: log.nextClientSeq,
			departedDevices: departed
				.filter(({ leaf }) => !asked.some((member) => member.leaf === leaf))
				.map(({ device }) => idBytes(device)),
		}),
	);
	const result = await committing(() =>
		context.engine.commit(
			group,
			{ add: add.map(({ message }) => message), remove, authenticatedData, nowMs: context.serverNow() },
			authorityOf(draft).authority,
		),
	);
	return storePending(context, draft, id, "commit", group, result, log.nextClientSeq);
}

function accountsToRemove(change: Change): readonly AccountId[] {
	if (change.kind === "remove") return change.accounts;
	return change.kind === "replace" ? [change.account] : [];
}

/** Turns what the engine objects to into the refusal that apps know. */
export async function committing<T>(work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof MlsRefusal)) throw error;
		if (error.code === "UnknownDevice")
			throw new Refusal("DEVICE_LIST_INVALID", "a device is not in its account's signed list", { cause: error });
		if (error.code === "Expired" || error.code === "Malformed")
			throw new Refusal("KEY_PACKAGE_INVALID", "a key package can not be used", { cause: error });
		throw new Refusal("COMMIT_INVALID", "the commit can not be made", { cause: error });
	}
}

interface CreatedConversation {
	readonly kind: ConversationKind;
	readonly peer: AccountId | undefined;
	readonly replaces: ConversationId | undefined;
}

/** Writes the commit, everything that goes to the server with it, and the state it leads to. */
export async function storePending(
	context: DeviceContext,
	draft: Draft,
	id: ConversationId,
	how: PendingCommitRecord["how"],
	base: MlsGroup | undefined,
	result: CommitResult,
	clientSeq: number,
	conversation: CreatedConversation = { kind: ConversationKind.UNSPECIFIED, peer: undefined, replaces: undefined },
): Promise<PendingCommitRecord> {
	const { engine } = context;
	const bundle = create(CommitBundleSchema, {
		commit: result.commit,
		welcome: result.welcome ?? new Uint8Array(),
		groupInfo: result.groupInfo,
		ratchetTree: result.ratchetTree,
		clientSeq,
	});
	const pending: PendingCommitRecord = {
		conversation: id,
		how,
		clientSeq,
		epoch: base === undefined ? engine.epoch(result.next) - 1 : engine.epoch(base),
		digest: toHex(sha256(result.commit)),
		...(conversation.replaces !== undefined && { replaces: conversation.replaces }),
	};
	const next = engine.encodeGroup(result.next);
	draft.write(KEYS.pendingCommit(id), pending);
	draft.writeBytes(KEYS.pendingRequest(id), request(id, how, bundle, conversation));
	draft.writeBytes(KEYS.pendingTree(id), next.tree);
	draft.writeBytes(KEYS.pendingState(id), next.state);
	const log = await draft.read(KEYS.log(id));
	if (log !== undefined) draft.write(KEYS.log(id), { ...log, nextClientSeq: clientSeq + 1 });
	return pending;
}

function request(
	id: ConversationId,
	how: PendingCommitRecord["how"],
	bundle: CommitBundle,
	{ kind, peer, replaces }: CreatedConversation,
): Uint8Array {
	const conversation = idBytes(id);
	return how === "create"
		? toBinary(
				CreateConversationRequestSchema,
				create(CreateConversationRequestSchema, {
					conversation,
					kind,
					...(peer !== undefined && { peerAccountId: idBytes(peer) }),
					...(replaces !== undefined && { replaces: idBytes(replaces) }),
					bundle,
				}),
			)
		: toBinary(CommitToConversationRequestSchema, create(CommitToConversationRequestSchema, { conversation, bundle }));
}
