/** Decides whether a transaction can be stored, before anything of it is. */
import type { StoreErrorCode } from "../ports.ts";
import type { DecodedStep, KnownId } from "./group-decoder.ts";
import { STEP } from "./group-layout.ts";
import type { LogCache } from "./log-cache.ts";

/** A refused transaction: its place in the group, and why. */
export interface Conflict {
	readonly code: StoreErrorCode;
	/** The log that exists, in hex. */
	readonly existing?: string;
}

/** A log as it will be when the earlier steps of the same transaction have been applied. */
interface Expected {
	readonly head: number;
	readonly epoch: number | undefined;
}

const MISSING: Conflict = { code: "LogMissing" };
const MOVED: Conflict = { code: "LogMoved" };

export function findConflict(
	steps: readonly DecodedStep[],
	cache: LogCache,
	logOfAlias: (alias: string) => string | undefined,
): Conflict | undefined {
	const changed: Map<KnownId, Expected> | undefined = steps.length > 1 ? new Map() : undefined;
	let aliases: Map<string, string> | undefined;
	for (const step of steps) {
		const log: Expected | undefined = changed?.get(step.log) ?? cache.find(step.log);
		if (step.op === STEP.create) {
			const { alias, group } = step;
			const existing =
				log !== undefined ? step.log.hex : alias === undefined ? undefined : (aliases?.get(alias) ?? logOfAlias(alias));
			if (existing !== undefined) return { code: "LogExists", existing };
			if (alias !== undefined) {
				aliases ??= new Map();
				aliases.set(alias, step.log.hex);
			}
			changed?.set(step.log, { head: 0, epoch: group?.epoch });
			continue;
		}
		if (log === undefined) return MISSING;
		switch (step.op) {
			case STEP.append:
				if (log.head !== step.seq - 1) return MOVED;
				changed?.set(step.log, { head: step.seq, epoch: log.epoch });
				break;
			case STEP.epoch:
				if (log.epoch !== step.expected) return MOVED;
				changed?.set(step.log, { head: log.head, epoch: step.group.epoch });
				break;
			case STEP.pendingRemovals:
				if (log.epoch === undefined) return MOVED;
				break;
		}
	}
	return undefined;
}
