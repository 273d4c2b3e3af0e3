/** Where a person stands, as it is stored: what the reducer starts from, and what the door decides with. */
import { type AccountId, toHex } from "@troth/protocol";
import type { Accepted, Choice, Lifecycle, Notice } from "../lifecycle/lifecycle.ts";
import { type Person, UNKNOWN_PERSON } from "../lifecycle/person.ts";
import type { Policy } from "../policy/policy.ts";
import type { ConsentRecords, StandingRow } from "./tables.ts";

/** A person's standing with version numbers instead of policies. */
export interface StoredStanding {
	readonly accepted: (Omit<Accepted, "policy"> & { readonly version: number }) | undefined;
	readonly notice: Notice | undefined;
	/** True for accounts that are gone, or never were. */
	readonly closed: boolean;
	readonly person: Person;
	readonly choices: ReadonlyMap<string, Choice>;
	readonly timeMs: number;
}

/** The versions that were ever published. */
export interface Policies {
	/** The version in force. */
	readonly current: Policy;
	version(version: number): Policy | undefined;
}

/** Of who is not there. */
export const GONE: StoredStanding = {
	accepted: undefined,
	notice: undefined,
	closed: true,
	person: UNKNOWN_PERSON,
	choices: new Map(),
	timeMs: 0,
};

/** Reads what is stored of one account; `phaseAt` gives its phase. */
export async function readStanding(db: ConsentRecords, account: AccountId): Promise<StoredStanding> {
	return (await readStandings(db, [account])).get(account) ?? GONE;
}

/** The same for many at once; an account that is gone, or never was, is not in it. */
export async function readStandings(
	db: ConsentRecords,
	accounts: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, StoredStanding>> {
	const rows = await db.selectFrom("standing").selectAll().where("account_id", "in", accounts).execute();
	const choices = await readChoices(db, accounts);
	return new Map(rows.map((row) => [row.account_id, toStanding(row, choices.get(row.account_id) ?? new Map())]));
}

function toStanding(row: StandingRow, choices: ReadonlyMap<string, Choice>): StoredStanding {
	return {
		accepted:
			row.accepted_version === null || row.accepted_at_ms === null
				? undefined
				: { version: row.accepted_version, atMs: row.accepted_at_ms, agreedAtMs: readAgreed(row.agreed_at) },
		notice:
			row.notice_version === null || row.notice_displayed_at_ms === null || row.deadline_ms === null
				? undefined
				: { version: row.notice_version, displayedAtMs: row.notice_displayed_at_ms, deadlineMs: row.deadline_ms },
		closed: false,
		person: {
			numberRegion: row.number_region ?? undefined,
			declaredRegion: row.declared_region ?? undefined,
			minor: row.minor !== 0,
		},
		choices,
		timeMs: row.time_ms,
	};
}

const AGREED_NOW: ReadonlyMap<string, number> = new Map();

function readAgreed(stored: string | null): ReadonlyMap<string, number> {
	return stored === null ? AGREED_NOW : new Map(Object.entries(JSON.parse(stored) as Record<string, number>));
}

/** As `standing.agreed_at` has it. */
export function writeAgreed(agreedAtMs: ReadonlyMap<string, number> | undefined): string | null {
	return agreedAtMs === undefined || agreedAtMs.size === 0 ? null : JSON.stringify(Object.fromEntries(agreedAtMs));
}

/** The state that the reducer goes on from. Throws TypeError where an accepted version was never published here. */
export function toLifecycle(stored: StoredStanding, policies: Policies, decided: ReadonlySet<string>): Lifecycle {
	const { accepted, ...rest } = stored;
	const policy = accepted === undefined ? undefined : policies.version(accepted.version);
	if (accepted !== undefined && policy === undefined) throw new TypeError("an accepted version is not published");
	return {
		...rest,
		current: policies.current,
		accepted:
			accepted === undefined || policy === undefined
				? undefined
				: { policy, atMs: accepted.atMs, agreedAtMs: accepted.agreedAtMs },
		decided,
	};
}

async function readChoices(
	db: ConsentRecords,
	accounts: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, ReadonlyMap<string, Choice>>> {
	const rows = await db
		.selectFrom("consent_choice")
		.selectAll()
		.where("account_id", "in", accounts)
		.orderBy("purpose")
		.execute();
	if (rows.length === 0) return new Map();
	const grants = await db
		.selectFrom("consent_grant")
		.select(["account_id", "purpose", "recipient", "generation"])
		.where("account_id", "in", accounts)
		.orderBy("recipient")
		.execute();
	const named = Map.groupBy(grants, grantKey);
	const choices = new Map<AccountId, Map<string, Choice>>();
	for (const row of rows) {
		const choice: Choice = {
			state: row.state,
			purposeHash: toHex(row.purpose_hash),
			generation: row.generation,
			decidedAtMs: row.decided_at_ms,
			eventId: row.event_id,
			recipients: (named.get(grantKey(row)) ?? []).map(({ recipient }) => recipient),
			shownOn: row.shown_on !== 0,
		};
		const others = choices.get(row.account_id) ?? new Map<string, Choice>();
		choices.set(row.account_id, others.set(row.purpose, choice));
	}
	return choices;
}

function grantKey(of: { readonly account_id: string; readonly purpose: string; readonly generation: number }): string {
	return `${of.account_id} ${of.generation} ${of.purpose}`;
}
