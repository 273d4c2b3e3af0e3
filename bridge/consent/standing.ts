/** Where a person stands, as it is stored: what the reducer starts from, and what the door decides with. */
import { type AccountId, toHex } from "@troth/protocol";
import type { Choice, Lifecycle, Notice } from "../lifecycle/lifecycle.ts";
import type { Policy } from "../policy/policy.ts";
import type { ConsentRecords } from "./tables.ts";

/** A person's standing with version numbers instead of policies. */
export interface StoredStanding {
	readonly accepted: { readonly version: number; readonly atMs: number } | undefined;
	readonly notice: Notice | undefined;
	/** True for accounts that are gone, or never were. */
	readonly closed: boolean;
	readonly choices: ReadonlyMap<string, Choice>;
	readonly timeMs: number;
}

/** The versions that were ever published. */
export interface Policies {
	/** The version in force. */
	readonly current: Policy;
	version(version: number): Policy | undefined;
}

const GONE: StoredStanding = { accepted: undefined, notice: undefined, closed: true, choices: new Map(), timeMs: 0 };

/** Reads what is stored of one account; `phaseAt` gives its phase. */
export async function readStanding(db: ConsentRecords, account: AccountId): Promise<StoredStanding> {
	const row = await db.selectFrom("standing").selectAll().where("account_id", "=", account).executeTakeFirst();
	if (row === undefined) return GONE;
	return {
		accepted:
			row.accepted_version === null || row.accepted_at_ms === null
				? undefined
				: { version: row.accepted_version, atMs: row.accepted_at_ms },
		notice:
			row.notice_version === null || row.notice_displayed_at_ms === null || row.deadline_ms === null
				? undefined
				: { version: row.notice_version, displayedAtMs: row.notice_displayed_at_ms, deadlineMs: row.deadline_ms },
		closed: false,
		choices: await readChoices(db, account),
		timeMs: row.time_ms,
	};
}

/** The state that the reducer goes on from. Throws TypeError where an accepted version was never published here. */
export function toLifecycle(stored: StoredStanding, policies: Policies, decided: ReadonlySet<string>): Lifecycle {
	const { accepted, ...rest } = stored;
	const policy = accepted === undefined ? undefined : policies.version(accepted.version);
	if (accepted !== undefined && policy === undefined) throw new TypeError("an accepted version is not published");
	return {
		...rest,
		current: policies.current,
		accepted: accepted === undefined || policy === undefined ? undefined : { policy, atMs: accepted.atMs },
		decided,
	};
}

async function readChoices(db: ConsentRecords, account: AccountId): Promise<ReadonlyMap<string, Choice>> {
	const rows = await db
		.selectFrom("consent_choice")
		.selectAll()
		.where("account_id", "=", account)
		.orderBy("purpose")
		.execute();
	if (rows.length === 0) return new Map();
	const grants = await db
		.selectFrom("consent_grant")
		.select(["purpose", "recipient", "generation"])
		.where("account_id", "=", account)
		.orderBy("recipient")
		.execute();
	return new Map(
		rows.map((row) => {
			const named = grants.filter((one) => one.purpose === row.purpose && one.generation === row.generation);
			const choice: Choice = {
				state: row.state,
				purposeHash: toHex(row.purpose_hash),
				generation: row.generation,
				decidedAtMs: row.decided_at_ms,
				eventId: row.event_id,
				recipients: named.map(({ recipient }) => recipient),
			};
			return [row.purpose, choice];
		}),
	);
}
