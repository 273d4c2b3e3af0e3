/**
 * One log as the in-memory store keeps it, and the effect of each step on it. Every change leaves an undo behind, so
 * that a transaction that fails half-way is taken back whole.
 */
import type { AccountId, DeviceId, LogId } from "@troth/protocol";
import type { GroupRecord, LogRecord, LogWrite, RegisterRow, SenderRow, StoredEntry, Subscription } from "../ports.ts";
import { StoreError } from "../ports.ts";

export interface LogState {
	readonly log: LogId;
	head: number;
	trimmed: number;
	group: GroupRecord | undefined;
	/** Kept entries, ascending without holes: the first has seq `trimmed + 1`. */
	readonly entries: StoredEntry[];
	readonly subscriptions: Map<DeviceId, Subscription>;
	readonly senders: Map<DeviceId, SenderRow>;
	readonly registers: Map<DeviceId, RegisterRow>;
}

type Undo = () => void;
type Step<Kind extends LogWrite["kind"]> = Extract<LogWrite, { kind: Kind }>;

export function newLog({ log, group }: Step<"create">): LogState {
	return {
		log,
		head: 0,
		trimmed: 0,
		group: group && copyGroup({ ...group, pendingRemovals: [] }),
		entries: [],
		subscriptions: new Map(),
		senders: new Map(),
		registers: new Map(),
	};
}

/** Applies one step, or throws StoreError and leaves the log as it was. */
export function applyStep(state: LogState, step: Exclude<LogWrite, Step<"create">>): Undo {
	switch (step.kind) {
		case "append":
			return append(state, step);
		case "epoch":
			return replaceGroup(state, step);
		case "pending-removals": {
			const group = state.group;
			if (group === undefined) throw new StoreError("LogMoved", "the log has no group");
			state.group = { ...group, pendingRemovals: [...step.devices] };
			return () => {
				state.group = group;
			};
		}
		case "subscribe":
			return keep(state, copySubscription(step.subscription));
		case "unsubscribe":
			return change(state, step.device, (row) => ({ ...row, until: Math.min(row.until ?? step.until, step.until) }));
		case "acknowledge":
			return change(state, step.device, (row) => ({ ...row, acked: Math.max(row.acked, step.seq) }));
		case "floor":
			return change(state, step.device, (row) => ({ ...row, floor: Math.max(row.floor, step.floor) }));
		case "trim":
			return trim(state, step.upTo);
		case "register": {
			const { row } = step;
			const stored = state.registers.get(row.device);
			if (stored !== undefined && stored.version >= row.version) return () => {};
			return put(state.registers, row.device, { ...row, sealed: row.sealed.slice() });
		}
	}
}

function append(state: LogState, { entry, sender }: Step<"append">): Undo {
	if (state.head !== entry.seq - 1) throw new StoreError("LogMoved", "the head of the log has moved");
	const undoSender = sender === undefined ? undefined : put(state.senders, sender.device, copySender(sender));
	state.entries.push(copyEntry(entry));
	state.head = entry.seq;
	return () => {
		state.head = entry.seq - 1;
		state.entries.pop();
		undoSender?.();
	};
}

function replaceGroup(state: LogState, { expected, group }: Step<"epoch">): Undo {
	const before = state.group;
	if (before?.epoch !== expected) throw new StoreError("LogMoved", "the epoch of the group has moved");
	state.group = copyGroup({ kind: before.kind, ...group });
	return () => {
		state.group = before;
	};
}

function trim(state: LogState, upTo: number): Undo {
	const { trimmed } = state;
	const target = Math.min(upTo, state.head);
	if (target <= trimmed) return () => {};
	const gone = state.entries.splice(0, target - trimmed);
	state.trimmed = target;
	return () => {
		state.trimmed = trimmed;
		state.entries.unshift(...gone);
	};
}

function change(state: LogState, device: DeviceId, next: (row: Subscription) => Subscription): Undo {
	const row = state.subscriptions.get(device);
	if (row === undefined) return () => {};
	return keep(state, next(row));
}

function keep({ subscriptions }: LogState, row: Subscription): Undo {
	if (!isOver(row)) return put(subscriptions, row.device, row);
	const before = subscriptions.get(row.device);
	subscriptions.delete(row.device);
	return () => {
		if (before !== undefined) subscriptions.set(row.device, before);
	};
}

/** An ended subscription with everything acknowledged: nobody needs it any more. */
function isOver({ acked, until }: Subscription): boolean {
	return until !== undefined && acked >= until;
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value): Undo {
	const before = map.get(key);
	map.set(key, value);
	return () => {
		if (before === undefined) map.delete(key);
		else map.set(key, before);
	};
}

function copySubscription(row: Subscription): Subscription {
	const { log, device, account, leaf, role, from, acked, floor, until } = row;
	return { log, device, account, leaf, role, from, acked, floor, until };
}

export function copyEntry(entry: StoredEntry): StoredEntry {
	const { seq, timeMs, kind, senderAccount, body } = entry;
	return { seq, timeMs, kind, senderAccount, body: body.slice() };
}

function copySender({ device, lastClientSeq, answers }: SenderRow): SenderRow {
	return {
		device,
		lastClientSeq,
		answers: answers.map(({ clientSeq, digest, seq, timeMs }) => ({ clientSeq, digest, seq, timeMs })),
	};
}

function copyGroup({ kind, epoch, groupInfo, tree, treeBytes, pendingRemovals }: GroupRecord): GroupRecord {
	return { kind, epoch, groupInfo: groupInfo.slice(), tree, treeBytes, pendingRemovals: [...pendingRemovals] };
}

/** What `load` gives: copies, devices in ascending order. */
export function toRecord(state: LogState): LogRecord {
	const { log, head, trimmed, group, subscriptions, senders } = state;
	return {
		log,
		head,
		trimmed,
		group: group && copyGroup(group),
		subscriptions: sortedBy([...subscriptions.values()], (row) => row.device).map((row) => ({ ...row })),
		senders: sortedBy([...senders.values()], (row) => row.device).map(copySender),
	};
}

/** What the device may still get: entries after the higher of `from` and `acked`, up to the head or its own end. */
export function isUnread({ from, acked, until }: Subscription, head: number): boolean {
	return Math.max(from, acked) < Math.min(head, until ?? head);
}

export function isLiveMember(row: Subscription, account: AccountId): boolean {
	return row.account === account && row.until === undefined;
}

export function sortedBy<Row>(rows: Row[], key: (row: Row) => string): Row[] {
	return rows.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
