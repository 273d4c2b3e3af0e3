/** What becomes of one thing that the outbox asks for: a record, nothing, or a later try. */
import { createHash } from "node:crypto";
import { type AccountId, CATALOGUE, isResidual, mayBeAboutNobody, type Purpose, toHex } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import { INSTALLATION } from "../../consent/installation.ts";
import type { DoorContext } from "../context.ts";
import { fieldsOf } from "../gate/gate.ts";
import { mintNow } from "../gate/moment.ts";
import { readAhead } from "../source/read-ahead.ts";
import { isShared, type PersonSource } from "../source/share-source.ts";

/** A row of the outbox, or a share that was deferred. */
export interface Task {
	readonly account: AccountId;
	readonly kind: "share" | "recall";
	readonly purpose: string;
	readonly recipient: string;
	readonly generation: number;
	/** When the messenger asked for it; undefined for shares that were deferred. */
	readonly askedAtMs?: number;
}

/** What of a record is known before its place in the chain is. */
export type Draft = Omit<ShareRecord, "v" | "policyHash" | "t" | "answers"> & {
	readonly account: AccountId;
	readonly shareKey: Uint8Array;
	readonly purpose: Purpose;
	/** JSON, by field: what everybody may read because it is about nobody. */
	readonly published: string | undefined;
	/** Recalls: when they were asked for. */
	readonly askedAtMs?: number | undefined;
};

export type Plan =
	| { readonly kind: "write"; readonly drafts: readonly Draft[] }
	| { readonly kind: "skip"; readonly reason: string }
	| { readonly kind: "defer"; readonly dueAtMs: number };

/** What was read for many tasks at once. */
export interface ReadForTasks {
	readonly people: PersonSource;
	/** The share keys under which chains began. */
	readonly chainKeys: ReadonlyMap<AccountId, Uint8Array>;
}

/** Reads what these tasks will be decided with. Rejects with StoreError. */
export async function readForTasks({ source, store }: DoorContext, tasks: readonly Task[]): Promise<ReadForTasks> {
	const shares = tasks.filter(({ kind }) => kind === "share");
	const accounts = [...new Set(tasks.map(({ account }) => account))];
	const chains = await store
		.selectFrom("chain")
		.select(["account_id", "share_key"])
		.where("account_id", "in", accounts)
		.execute();
	const chainKeys = new Map(chains.map((row) => [row.account_id, row.share_key]));
	return { people: await readAhead(source, shares), chainKeys };
}

/** Rejects with StoreError. */
export function planTask(context: DoorContext, task: Task, read: ReadForTasks): Promise<Plan> {
	return task.kind === "share" ? planShare(context, task, read) : planRecall(context, task, read);
}

async function planShare(context: DoorContext, task: Task, { people, chainKeys }: ReadForTasks): Promise<Plan> {
	const { account, purpose, recipient, generation } = task;
	if (!isShared(purpose)) return skip("PURPOSE_UNKNOWN");
	if (!context.recipients.has(recipient)) return skip("RECIPIENT_UNKNOWN");
	const aboutNobody = account === INSTALLATION;
	const fits = aboutNobody ? mayBeAboutNobody(purpose) : CATALOGUE[purpose].identity !== "none";
	if (!fits) return skip("WRONG_ACCOUNT");
	const shareKey = aboutNobody ? context.installationKey : await people.shareKey(account);
	if (shareKey === undefined) return skip("ACCOUNT_GONE");
	const chain = chainKeys.get(account);
	// A chain goes on under the key that it began with, or nobody could follow it.
	if (chain !== undefined && !Buffer.from(chain).equals(shareKey)) return skip("KEY_CHANGED");
	const minted = await mintNow({ ...context, source: people }, { account, shareKey, purpose, recipient, generation });
	if (!minted.permit) {
		// Only an embargo ends by itself. After a suspension the messenger asks anew, when the person has accepted.
		return minted.fromMs === undefined ? skip(minted.reason) : { kind: "defer", dueAtMs: minted.fromMs };
	}
	const draft: Draft = {
		kind: "share",
		account,
		shareKey,
		recipient,
		subject: toHex(minted.subject),
		purpose,
		fields: fieldsOf(minted.values),
		purposeHash: toHex(minted.purposeHash),
		generation,
		grant: minted.grant === undefined ? "" : createHash("sha256").update(minted.grant.statement).digest("hex"),
		published: aboutNobody ? publishedOf(minted.values) : undefined,
	};
	return { kind: "write", drafts: [draft] };
}

function publishedOf(values: readonly { readonly field: string; readonly value: string }[]): string {
	return JSON.stringify(Object.fromEntries(values.map(({ field, value }) => [field, value])));
}

/**
 * A recall is made of what the door itself remembers: it needs neither account nor policy to be as they were. Where
 * nobody is asked it takes back all there is so far, under each name that the person had there.
 */
async function planRecall(context: DoorContext, task: Task, { chainKeys }: ReadForTasks): Promise<Plan> {
	const { account, recipient } = task;
	const shareKey = chainKeys.get(account);
	const standing = shareKey === undefined ? [] : await standingShares(context, task);
	// Nothing was ever recorded that it would cover: the recipient shall not even learn that there is somebody.
	if (shareKey === undefined || standing.length === 0) return skip("NOTHING_TO_RECALL");
	const drafts = standing.map(({ subject, purpose, generation, record }): Draft => {
		const { purposeHash } = JSON.parse(record) as ShareRecord;
		return {
			...{ kind: "recall", account, shareKey, recipient, subject, purpose, purposeHash },
			...{ fields: [], grant: "", published: undefined, askedAtMs: task.askedAtMs },
			generation: isResidual(purpose) ? generation : task.generation,
		};
	});
	return { kind: "write", drafts };
}

/** By subject, the newest share that the task takes back and no recall covers. */
async function standingShares({ store }: DoorContext, { account, purpose, recipient, generation }: Task) {
	const shares = store
		.selectFrom("share")
		.select(["subject", "purpose", "generation", "record"])
		.where("account_id", "=", account)
		.where("purpose", "=", purpose as Purpose)
		.where("recipient", "=", recipient)
		.where("kind", "=", "share")
		.where(({ not, exists, selectFrom, ref }) =>
			not(
				exists(
					selectFrom("share as recall")
						.select("recall.id")
						.where("recall.account_id", "=", account)
						.where("recall.purpose", "=", purpose as Purpose)
						.where("recall.recipient", "=", recipient)
						.where("recall.kind", "=", "recall")
						.where("recall.subject", "=", ref("share.subject"))
						.where("recall.generation", ">=", ref("share.generation")),
				),
			),
		)
		.orderBy("generation", "desc");
	const rows = await (isResidual(purpose) ? shares : shares.where("generation", "<=", generation)).execute();
	const newest = new Map<string, (typeof rows)[number]>();
	for (const row of rows) if (!newest.has(row.subject)) newest.set(row.subject, row);
	return [...newest.values()];
}

function skip(reason: string): Plan {
	return { kind: "skip", reason };
}
