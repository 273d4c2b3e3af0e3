/** What becomes of one thing that the outbox asks for: a record, nothing, or a later try. */
import { createHash } from "node:crypto";
import { type AccountId, type Purpose, toHex } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import type { DoorContext } from "../context.ts";
import { fieldsOf } from "../gate/gate.ts";
import { mintNow } from "../gate/moment.ts";
import { isShared } from "../source/share-source.ts";

/** A row of the outbox, or a share that was deferred. */
export interface Task {
	readonly account: AccountId;
	readonly kind: "share" | "recall";
	readonly purpose: string;
	readonly recipient: string;
	readonly generation: number;
}

/** What of a record is known before its place in the chain is. */
export type Draft = Pick<ShareRecord, "kind" | "recipient" | "fields" | "purposeHash" | "generation" | "grant"> & {
	readonly account: AccountId;
	readonly shareKey: Uint8Array;
	readonly purpose: Purpose;
};

export type Plan =
	| { readonly kind: "write"; readonly draft: Draft }
	| { readonly kind: "skip"; readonly reason: string }
	| { readonly kind: "defer"; readonly dueAtMs: number };

/** Rejects with StoreError. */
export function planTask(context: DoorContext, task: Task): Promise<Plan> {
	return task.kind === "share" ? planShare(context, task) : planRecall(context, task);
}

async function planShare(context: DoorContext, task: Task): Promise<Plan> {
	const { account, purpose, recipient, generation } = task;
	if (!isShared(purpose)) return skip("PURPOSE_UNKNOWN");
	if (!context.recipients.has(recipient)) return skip("RECIPIENT_UNKNOWN");
	const shareKey = await context.source.shareKey(account);
	if (shareKey === undefined) return skip("ACCOUNT_GONE");
	const chain = await chainKey(context, account);
	// A chain goes on under the key that it began with, or nobody could follow it.
	if (chain !== undefined && !Buffer.from(chain).equals(shareKey)) return skip("KEY_CHANGED");
	const minted = await mintNow(context, { account, shareKey, purpose, recipient, generation });
	if (!minted.permit) {
		// Only an embargo ends by itself. After a suspension the messenger asks anew, when the person has accepted.
		return minted.fromMs === undefined ? skip(minted.reason) : { kind: "defer", dueAtMs: minted.fromMs };
	}
	const draft: Draft = {
		kind: "share",
		account,
		shareKey,
		recipient,
		purpose,
		fields: fieldsOf(minted.values),
		purposeHash: toHex(minted.purposeHash),
		generation,
		grant: createHash("sha256").update(minted.grant.statement).digest("hex"),
	};
	return { kind: "write", draft };
}

/** A recall is made of what the door itself remembers: it needs neither account nor policy to be as they were. */
async function planRecall(context: DoorContext, task: Task): Promise<Plan> {
	const { store } = context;
	const { account, recipient, generation } = task;
	const about = store
		.selectFrom("share")
		.where("account_id", "=", account)
		.where("purpose", "=", task.purpose as Purpose)
		.where("recipient", "=", recipient);
	const recalled = await about
		.where("kind", "=", "recall")
		.select((eb) => eb.fn.max("generation").as("generation"))
		.executeTakeFirst();
	const last = await about
		.where("kind", "=", "share")
		.where("generation", "<=", generation)
		.where("generation", ">", recalled?.generation ?? 0)
		.select(["purpose", "record"])
		.orderBy("generation", "desc")
		.limit(1)
		.executeTakeFirst();
	const shareKey = await chainKey(context, account);
	// Nothing was ever recorded that it would cover: the recipient shall not even learn that there is somebody.
	if (last === undefined || shareKey === undefined) return skip("NOTHING_TO_RECALL");
	const { purposeHash } = JSON.parse(last.record) as ShareRecord;
	const draft: Draft = {
		kind: "recall",
		account,
		shareKey,
		recipient,
		purpose: last.purpose,
		fields: [],
		purposeHash,
		generation,
		grant: "",
	};
	return { kind: "write", draft };
}

async function chainKey({ store }: DoorContext, account: AccountId): Promise<Uint8Array | undefined> {
	const row = await store.selectFrom("chain").select("share_key").where("account_id", "=", account).executeTakeFirst();
	return row?.share_key;
}

function skip(reason: string): Plan {
	return { kind: "skip", reason };
}
