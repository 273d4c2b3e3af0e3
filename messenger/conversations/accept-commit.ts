/**
 * What an accepted commit writes, all in ONE transaction or not at all (promise 4): the commit's entry with the
 * sender's number, the new epoch with GroupInfo and tree, subscriptions of those it adds and removes, and the Welcomes
 * in the logs of the added devices. Large bytes are put into the blob store before, where a failure leaves them unused.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	BlobRefSchema,
	type Bulk,
	BulkSchema,
	CommitPayloadSchema,
	type ConversationId,
	ConversationKind,
	type DeviceId,
	EntryKind,
	idBytes,
	LIMITS,
	Refusal,
	WelcomePayloadSchema,
} from "@troth/protocol";
import { type BlobStore, type LogWrite, StoreError, type Subscription } from "@troth/storage";
import type { DeviceEntry } from "../delivery/device-logs.ts";
import type { Member } from "../delivery/member.ts";
import type { ParsedBundle } from "./bundle.ts";
import type { LeafOwner } from "./tree.ts";

/** The group part of the log after the commit. */
export interface StoredGroup {
	readonly epoch: number;
	readonly groupInfo: Uint8Array;
	readonly tree: Awaited<ReturnType<BlobStore["put"]>>;
	readonly treeBytes: number;
}

/** A commit ready to be placed. */
export interface PreparedCommit {
	readonly group: StoredGroup;
	/** Payload of the commit's entry. */
	readonly payload: Uint8Array;
	/** Payload of each Welcome entry; `fromSeq` is the commit's own number. */
	welcome(fromSeq: number): Uint8Array;
}

/** Puts the large parts into the blob store and builds the payloads. */
export async function prepareCommit(
	blobs: BlobStore,
	conversation: ConversationId,
	kind: "direct" | "group",
	{ bundle, groupInfo }: ParsedBundle,
): Promise<PreparedCommit> {
	const epoch = Number(groupInfo.groupContext.epoch);
	const treeBytes = bundle.ratchetTree.length;
	const treeBlob = await blobs.put(bundle.ratchetTree);
	const tree = create(BlobRefSchema, { sha256: idBytes(treeBlob), size: treeBytes });
	const commit = await bulk(blobs, bundle.commit);
	const welcome = bundle.welcome.length > 0 ? await bulk(blobs, bundle.welcome) : undefined;
	return {
		group: { epoch, groupInfo: bundle.groupInfo, tree: treeBlob, treeBytes },
		payload: toBinary(CommitPayloadSchema, create(CommitPayloadSchema, { commit, tree })),
		welcome: (fromSeq) =>
			toBinary(
				WelcomePayloadSchema,
				create(WelcomePayloadSchema, {
					conversation: idBytes(conversation),
					kind: wireKind(kind),
					...(welcome !== undefined && { welcome }),
					tree,
					epoch,
					fromSeq,
				}),
			),
	};
}

async function bulk(blobs: BlobStore, bytes: Uint8Array): Promise<Bulk> {
	if (bytes.length <= LIMITS.inlineBytes)
		return create(BulkSchema, { body: { case: "inline", value: new Uint8Array(bytes) } });
	const sha256 = idBytes(await blobs.put(bytes));
	return create(BulkSchema, { body: { case: "blob", value: create(BlobRefSchema, { sha256, size: bytes.length }) } });
}

export function wireKind(kind: "direct" | "group"): ConversationKind {
	return kind === "direct" ? ConversationKind.DIRECT : ConversationKind.GROUP;
}

export function welcomeEntries(prepared: PreparedCommit, added: readonly LeafOwner[], fromSeq: number): DeviceEntry[] {
	const { epoch } = prepared.group;
	const payload = prepared.welcome(fromSeq);
	return added.map(({ device }) => ({ device, kind: EntryKind.WELCOME, payload, epoch }));
}

/**
 * The subscription of a device that comes in: it gets what follows `from`. Where it was in before and has not fetched
 * everything of that time, its cursor stays where it was and the rest is told as a Gap (promise 1).
 */
export function subscriptionOf(
	log: ConversationId,
	{ device, account, leaf }: LeafOwner,
	role: "member" | "admin",
	from: number,
	earlier: Member | undefined,
): Subscription {
	const fresh = { log, device, account, leaf, role, until: undefined };
	if (earlier === undefined) return { ...fresh, from, acked: from, floor: 0 };
	return { ...fresh, from: earlier.from, acked: earlier.acked, floor: from };
}

export function subscribeSteps(subscriptions: readonly Subscription[]): LogWrite[] {
	return subscriptions.map((subscription) => ({ kind: "subscribe", subscription }));
}

export function unsubscribeSteps(log: ConversationId, devices: readonly DeviceId[], until: number): LogWrite[] {
	return devices.map((device) => ({ kind: "unsubscribe", log, device, until }));
}

export function accountsOf(leaves: readonly LeafOwner[]): ReadonlySet<AccountId> {
	return new Set(leaves.map(({ account }) => account));
}

/** What a caller is told when the store did not take a commit. Nothing was stored. */
export function notStored(error: unknown): unknown {
	if (!(error instanceof StoreError)) return error;
	return new Refusal("UNAVAILABLE", "the commit was not stored; send it again", { cause: error });
}
