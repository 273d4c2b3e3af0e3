/**
 * What a log store is, said as plainly as possible: a value that is copied for each transaction and thrown away where
 * a step fails. Slow and obvious; the stores must give the same answers.
 */
import type { AccountId, ConversationId, DeviceId, LogId } from "@troth/protocol";
import type {
	GroupRecord,
	LogProgress,
	LogRecord,
	LogWrite,
	RegisterRow,
	SenderRow,
	StoredEntry,
	StoreErrorCode,
	Subscription,
	UnreadLog,
} from "../ports.ts";

interface ModelLog {
	id: LogId;
	alias: string | undefined;
	head: number;
	trimmed: number;
	group: GroupRecord | undefined;
	entries: StoredEntry[];
	subscriptions: Subscription[];
	senders: SenderRow[];
	registers: RegisterRow[];
}

export interface ModelRefusal {
	readonly code: StoreErrorCode;
	readonly existing: LogId | undefined;
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

export class LogModel {
	#logs: ModelLog[] = [];

	copy(): LogModel {
		const copy = new LogModel();
		copy.#logs = structuredClone(this.#logs);
		return copy;
	}

	head(log: LogId): number {
		return this.#find(log)?.head ?? 0;
	}

	epoch(log: LogId): number | undefined {
		return this.#find(log)?.group?.epoch;
	}

	sender(log: LogId, device: DeviceId): SenderRow | undefined {
		return this.#find(log)?.senders.find((row) => row.device === device);
	}

	/** Undefined when it is stored. */
	write(steps: readonly LogWrite[]): ModelRefusal | undefined {
		const before = structuredClone(this.#logs);
		for (const step of steps) {
			const refusal = this.#apply(structuredClone(step));
			if (refusal !== undefined) {
				this.#logs = before;
				return refusal;
			}
		}
		return undefined;
	}

	#apply(step: LogWrite): ModelRefusal | undefined {
		if (step.kind === "create") {
			const taken = this.#logs.find((log) => log.id === step.log);
			const aliased = this.#logs.find((log) => step.alias !== undefined && log.alias === step.alias);
			const existing = taken ?? aliased;
			if (existing !== undefined) return { code: "LogExists", existing: existing.id };
			this.#logs.push({
				id: step.log,
				alias: step.alias,
				head: 0,
				trimmed: 0,
				group: step.group && { ...step.group, pendingRemovals: [] },
				entries: [],
				subscriptions: [],
				senders: [],
				registers: [],
			});
			return undefined;
		}
		const id = step.kind === "subscribe" ? step.subscription.log : step.kind === "register" ? step.row.log : step.log;
		const log = this.#find(id);
		if (log === undefined) return { code: "LogMissing", existing: undefined };
		const moved: ModelRefusal = { code: "LogMoved", existing: undefined };
		switch (step.kind) {
			case "append":
				if (step.entry.seq !== log.head + 1) return moved;
				log.entries.push(step.entry);
				log.head++;
				if (step.sender !== undefined) replace(log.senders, step.sender, step.sender.device);
				return undefined;
			case "epoch":
				if (log.group?.epoch !== step.expected) return moved;
				log.group = { kind: log.group.kind, ...step.group };
				return undefined;
			case "pending-removals":
				if (log.group === undefined) return moved;
				log.group = { ...log.group, pendingRemovals: step.devices };
				return undefined;
			case "subscribe":
				replace(log.subscriptions, step.subscription, step.subscription.device);
				break;
			case "unsubscribe":
				change(log, step.device, (row) => ({ ...row, until: Math.min(step.until, row.until ?? step.until) }));
				break;
			case "acknowledge":
				change(log, step.device, (row) => ({ ...row, acked: Math.max(step.seq, row.acked) }));
				break;
			case "floor":
				change(log, step.device, (row) => ({ ...row, floor: Math.max(step.floor, row.floor) }));
				break;
			case "trim":
				log.trimmed = Math.max(log.trimmed, Math.min(step.upTo, log.head));
				log.entries = log.entries.filter((entry) => entry.seq > log.trimmed);
				break;
			case "register": {
				const stored = log.registers.find((row) => row.device === step.row.device);
				if (stored === undefined || stored.version < step.row.version)
					replace(log.registers, step.row, step.row.device);
				break;
			}
		}
		log.subscriptions = log.subscriptions.filter((row) => row.until === undefined || row.acked < row.until);
		return undefined;
	}

	#find(id: LogId): ModelLog | undefined {
		return this.#logs.find((log) => log.id === id);
	}

	load(id: LogId): LogRecord | undefined {
		const log = this.#find(id);
		if (log === undefined) return undefined;
		const byDevice = (a: { device: string }, b: { device: string }) => compare(a.device, b.device);
		return {
			log: id,
			head: log.head,
			trimmed: log.trimmed,
			group: log.group,
			subscriptions: log.subscriptions.toSorted(byDevice),
			senders: log.senders.toSorted(byDevice),
		};
	}

	findByAlias(alias: string): LogId | undefined {
		return this.#logs.find((log) => log.alias === alias)?.id;
	}

	subscriptionsOf(device: DeviceId): UnreadLog[] {
		return this.#logs
			.flatMap(({ head, trimmed, subscriptions }) => subscriptions.map((row) => ({ ...row, head, trimmed })))
			.filter((row) => row.device === device)
			.sort((a, b) => compare(a.log, b.log));
	}

	unreadOf(device: DeviceId): UnreadLog[] {
		return this.subscriptionsOf(device).filter(({ from, acked, head, until }) => {
			for (let seq = from + 1; seq <= head && seq <= (until ?? head); seq++) if (seq > acked) return true;
			return false;
		});
	}

	read(id: LogId, after: number, limits: { entries: number; bytes: number }): StoredEntry[] {
		const page: StoredEntry[] = [];
		for (const entry of this.#find(id)?.entries ?? []) {
			if (entry.seq <= after) continue;
			const bytes = [...page, entry].reduce((sum, { body }) => sum + body.length, 0);
			if (page.length > 0 && (page.length + 1 > limits.entries || bytes > limits.bytes)) break;
			page.push(entry);
		}
		return page;
	}

	registers(logs: readonly LogId[]): RegisterRow[] {
		return this.#logs
			.filter((log) => logs.includes(log.id))
			.flatMap((log) => log.registers)
			.sort((a, b) => compare(a.log, b.log) || compare(a.device, b.device));
	}

	progressOf(logs: readonly LogId[]): LogProgress[] {
		return this.#logs
			.filter((log) => logs.includes(log.id))
			.flatMap(({ id, subscriptions }) =>
				[...new Set(subscriptions.map((row) => row.account))].map((account) => {
					const rows = subscriptions.filter((row) => row.account === account);
					return { log: id, account, acked: Math.max(...rows.map(({ acked }) => acked)) };
				}),
			)
			.filter(({ acked }) => acked > 0)
			.sort((a, b) => compare(a.log, b.log) || compare(a.account, b.account));
	}

	olderThan(timeMs: number, limit: number): { log: LogId; upTo: number }[] {
		return this.#logs
			.filter(({ entries }) => entries[0] !== undefined && entries[0].timeMs < timeMs)
			.sort((a, b) => (a.entries[0]?.timeMs ?? 0) - (b.entries[0]?.timeMs ?? 0) || compare(a.id, b.id))
			.slice(0, limit)
			.map(({ id, entries, head }) => {
				const kept = entries.find((entry) => entry.timeMs >= timeMs);
				return { log: id, upTo: kept === undefined ? head : kept.seq - 1 };
			});
	}

	conversationsOf(account: AccountId): ConversationId[] {
		return this.#logs
			.filter(({ group, subscriptions }) => {
				return group !== undefined && subscriptions.some((row) => row.account === account && row.until === undefined);
			})
			.map(({ id }) => id as ConversationId)
			.sort(compare);
	}
}

function replace<Row extends { device: DeviceId }>(rows: Row[], row: Row, device: DeviceId): void {
	const index = rows.findIndex((other) => other.device === device);
	if (index === -1) rows.push(row);
	else rows[index] = row;
}

function change(log: ModelLog, device: DeviceId, apply: (row: Subscription) => Subscription): void {
	log.subscriptions = log.subscriptions.map((row) => (row.device === device ? apply(row) : row));
}
