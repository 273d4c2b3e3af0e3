/** What the door has done and has still to do, in exact numbers: for whoever runs it, never for the public. */
import type { Purpose } from "@troth/protocol";
import { openCheckpoint, parseVerifierKey } from "@troth/transparency";
import type { DoorContext } from "../context.ts";

const HOUR_MS = 3600 * 1000;
/** When a recall should be acknowledged, and when it must be (consent.md section 6). */
export const RECALL_TARGET_MS = 24 * HOUR_MS;
export const RECALL_LIMIT_MS = 30 * 24 * HOUR_MS;

/** Records of the share log since its beginning, by what became of them. */
export interface ShareFigure {
	readonly purpose: Purpose;
	readonly recipient: string;
	readonly recorded: number;
	/** The recipient's receipt says so. */
	readonly kept: number;
	readonly dropped: number;
	/** The recipient would not take it. */
	readonly refused: number;
	/** In the log, not yet with the recipient. */
	readonly waiting: number;
	/** It never left, or came too late: the consent had ended. */
	readonly withheld: number;
	/** Recalls that were recorded, and those that the recipient acknowledged. */
	readonly recalls: number;
	readonly recalled: number;
}

/** Recalls that are not acknowledged; their age counts from the person's decision. */
export interface RecallFigures {
	readonly open: number;
	readonly overdue: number;
	readonly pastLimit: number;
	/** When the oldest was asked for; undefined where none is open. */
	readonly oldestAtMs: number | undefined;
}

export interface LogFigures {
	readonly size: number;
	/** Leaves that enough witnesses have seen. */
	readonly witnessedSize: number;
	/** When the newest checkpoint that is served was last cosigned; undefined where no witness has seen it. */
	readonly checkpointAtMs: number | undefined;
	/** All that are asked; `atMs` is undefined where the served checkpoint has no cosignature of theirs. */
	readonly witnesses: readonly { readonly name: string; readonly atMs: number | undefined }[];
}

export interface Figures {
	readonly shares: readonly ShareFigure[];
	readonly recalls: RecallFigures;
	readonly log: LogFigures;
	/** Requests in a row that failed, for recipients that do not answer. */
	readonly failing: readonly { readonly recipient: string; readonly failures: number }[];
}

/** Rejects with StoreError. */
export async function readFigures(context: DoorContext): Promise<Figures> {
	const { store, log } = context;
	const [tallies, failing] = await Promise.all([
		store.selectFrom("share_tally").selectAll().orderBy("purpose").orderBy("recipient").execute(),
		store.selectFrom("recipient").select(["recipient", "failures"]).where("failures", ">", 0).execute(),
	]);
	const shares = new Map<string, { readonly purpose: Purpose; readonly recipient: string }>();
	for (const { purpose, recipient } of tallies) shares.set(`${purpose} ${recipient}`, { purpose, recipient });
	return {
		shares: [...shares.values()].map(({ purpose, recipient }) => {
			const own = tallies.filter((row) => row.purpose === purpose && row.recipient === recipient);
			const sum = (kind: "share" | "recall", ...fates: readonly string[]) =>
				own
					.filter((row) => row.kind === kind && (fates.length === 0 || fates.includes(row.fate)))
					.reduce((total, row) => total + row.count, 0);
			return {
				...{ purpose, recipient, recorded: sum("share") },
				...{ kept: sum("share", "kept"), dropped: sum("share", "dropped"), refused: sum("share", "refused") },
				...{ waiting: sum("share", "logged"), withheld: sum("share", "withheld", "overtaken", "stale") },
				...{ recalls: sum("recall"), recalled: sum("recall", "recalled") },
			};
		}),
		recalls: await readRecalls(context),
		log: { size: log.size, witnessedSize: log.witnessedSize, ...(await readCheckpoint(context)) },
		failing,
	};
}

/** Those in the log, and those that the door has not read yet. */
async function readRecalls({ store, source, clock }: DoorContext): Promise<RecallFigures> {
	const nowMs = clock.now();
	const open = store
		.selectFrom("share")
		.where("kind", "=", "recall")
		.where((eb) => eb.or([eb("outcome", "is", null), eb("outcome", "<>", "recalled")]));
	const count = async (askedUntilMs: number) => {
		const row = await open
			.select((eb) => eb.fn.countAll<number>().as("count"))
			.where("asked_at_ms", "<=", askedUntilMs)
			.executeTakeFirstOrThrow();
		return row.count;
	};
	const oldest = await open.select((eb) => eb.fn.min("asked_at_ms").as("at_ms")).executeTakeFirstOrThrow();
	const { outbox_id: position } = await store.selectFrom("position").select("outbox_id").executeTakeFirstOrThrow();
	const unread = await source.recallsAfter(position);
	const unreadUntil = (ms: number) => unread.filter((atMs) => atMs <= ms).length;
	const times = [oldest.at_ms, ...unread].filter((ms) => ms !== null);
	return {
		open: (await count(Number.MAX_SAFE_INTEGER)) + unread.length,
		overdue: (await count(nowMs - RECALL_TARGET_MS)) + unreadUntil(nowMs - RECALL_TARGET_MS),
		pastLimit: (await count(nowMs - RECALL_LIMIT_MS)) + unreadUntil(nowMs - RECALL_LIMIT_MS),
		oldestAtMs: times.length === 0 ? undefined : Math.min(...times),
	};
}

/** What anybody can read from the log, read the same way. */
async function readCheckpoint({
	log,
	witnesses,
}: DoorContext): Promise<Pick<LogFigures, "checkpointAtMs" | "witnesses">> {
	const vkeys = witnesses.map(({ vkey }) => vkey);
	const file = await log.file("/checkpoint");
	const witnessed =
		file === undefined
			? []
			: openCheckpoint(new TextDecoder().decode(file.body), { log: log.vkey, witnesses: vkeys, quorum: 0 }).witnessed;
	const times = new Map(witnessed.map(({ name, atMs }) => [name, atMs]));
	const names = vkeys.map((vkey) => parseVerifierKey(vkey).name);
	return {
		checkpointAtMs: times.size === 0 ? undefined : Math.max(...times.values()),
		witnesses: names.map((name) => ({ name, atMs: times.get(name) })),
	};
}
