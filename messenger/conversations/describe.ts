/** A conversation as members see it. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import { type AccountId, type ConversationSchema, idBytes, MemberRole } from "@troth/protocol";
import type { GroupRecord, LogRecord, Subscription } from "@troth/storage";
import type { Exchange } from "../delivery/exchange.ts";
import { wireKind } from "./accept-commit.ts";

/** What describes a conversation, from memory where it is there. */
export interface ConversationFacts extends Pick<LogRecord, "log" | "head"> {
	readonly group: GroupRecord;
	readonly subscriptions: readonly Subscription[];
}

/** Looks at a conversation without keeping it in memory. Undefined where there is none. */
export async function factsOf(exchange: Exchange, log: LogRecord["log"]): Promise<ConversationFacts | undefined> {
	const owner = exchange.owners.peek(log);
	if (owner?.group !== undefined) {
		const subscriptions = owner.members.list.map((member) => member.row());
		return { log, head: owner.durable, group: owner.group, subscriptions };
	}
	const record = await exchange.logs.load(log);
	return record?.group && { log, head: record.head, group: record.group, subscriptions: record.subscriptions };
}

export function describe({
	log,
	head,
	group,
	subscriptions,
}: ConversationFacts): MessageInitShape<typeof ConversationSchema> {
	const members = new Map<AccountId, Subscription[]>();
	for (const row of subscriptions) {
		if (row.until !== undefined || row.leaf === undefined) continue;
		const rows = members.get(row.account);
		if (rows === undefined) members.set(row.account, [row]);
		else rows.push(row);
	}
	return {
		conversation: idBytes(log),
		kind: wireKind(group.kind),
		epoch: group.epoch,
		headSeq: head,
		tree: { sha256: idBytes(group.tree), size: group.treeBytes },
		members: [...members].map(([account, rows]) => ({
			accountId: idBytes(account),
			role: rows.some(({ role }) => role === "admin") ? MemberRole.ADMIN : MemberRole.MEMBER,
			devices: rows.map(({ device, leaf, acked }) => ({
				deviceId: idBytes(device),
				leafIndex: leaf ?? 0,
				ackedSeq: acked,
			})),
		})),
		pendingRemovals: group.pendingRemovals.map((device) => idBytes(device)),
	};
}
