/** How far a version has come with people: counts, never who. */
import type { Policy } from "@troth/bridge";
import type { Kysely } from "kysely";
import type { Records } from "../records/schema.ts";

export interface Funnel {
	readonly version: number;
	/** Everybody who has an account now. */
	readonly accounts: number;
	/** Whose devices have the notice in their logs; undefined for a version that nobody had to be told of. */
	readonly queued: QueuedNotices | undefined;
	/** What it took away at once of what people had agreed to before; undefined for the first version. */
	readonly tookAway: TakenAway | undefined;
	/** Accounts that a device displayed it to. */
	readonly displayed: number;
	readonly accepted: number;
	/** Displayed, not accepted in time. */
	readonly suspended: number;
	/** They accepted an older version and not yet this one. */
	readonly onOlder: number;
	readonly purposes: readonly PurposeAnswers[];
	/** How many were reminded, by days after the notice. */
	readonly reminded: readonly { readonly day: number; readonly accounts: number }[];
}

export interface QueuedNotices {
	readonly accounts: number;
	readonly devices: number;
	readonly begunAtMs: number;
	/** Undefined while it is under way. */
	readonly endedAtMs: number | undefined;
}

export interface TakenAway {
	/** Accounts from which it took something. */
	readonly accounts: number;
	/** Yeses that it ended. */
	readonly yeses: number;
	/** Recalls that the door was asked for. */
	readonly recalls: number;
	/** Undefined while people are still looked at. */
	readonly endedAtMs: number | undefined;
}

/** Answers to a purpose in the words of this version; an answer to the same words in another version is one to these. */
export interface PurposeAnswers {
	readonly purpose: string;
	readonly granted: number;
	readonly refused: number;
	readonly withdrawn: number;
}

/** One funnel per version, from what is counted as it happens: about as cheap with a million accounts as with ten. */
export async function readFunnels(
	records: Kysely<Records>,
	policies: readonly Pick<Policy, "version" | "purposes">[],
	nowMs: number,
): Promise<readonly Funnel[]> {
	const [tallies, rollouts, narrowings, reminders] = await Promise.all([
		records.selectFrom("terms_tally").selectAll().execute(),
		records.selectFrom("terms_rollout").selectAll().execute(),
		records.selectFrom("terms_narrowing").selectAll().execute(),
		records.selectFrom("terms_reminder").select(["version", "day", "accounts"]).orderBy("day").execute(),
	]);
	const counts = new Map(tallies.map(({ kind, key, count }) => [`${kind} ${key}`, count]));
	const count = (kind: string, key: number | string) => counts.get(`${kind} ${key}`) ?? 0;
	const holders = tallies.filter(({ kind }) => kind === "holds");
	const sum = (rows: typeof holders) => rows.reduce((total, row) => total + row.count, 0);
	return Promise.all(
		policies.map(async ({ version, purposes }) => {
			const rollout = rollouts.find((row) => row.version === version);
			const narrowing = narrowings.find((row) => row.version === version);
			return {
				version,
				accounts: sum(holders),
				queued: rollout && {
					accounts: rollout.accounts,
					devices: rollout.devices,
					begunAtMs: rollout.begun_at_ms,
					endedAtMs: rollout.ended_at_ms ?? undefined,
				},
				tookAway: narrowing && {
					accounts: narrowing.accounts,
					yeses: narrowing.yeses,
					recalls: narrowing.recalls,
					endedAtMs: narrowing.ended_at_ms ?? undefined,
				},
				displayed: count("displayed", version),
				accepted: count("accepted", version),
				suspended: await countSuspended(records, version, nowMs),
				onOlder: sum(holders.filter(({ key }) => Number(key) > 0 && Number(key) < version)),
				purposes: [...purposes.values()].map(({ id, hash }) => ({
					purpose: id,
					granted: count("choice", `${id} ${hash} granted`),
					refused: count("choice", `${id} ${hash} refused`),
					withdrawn: count("choice", `${id} ${hash} withdrawn`),
				})),
				reminded: reminders.filter((row) => row.version === version).map(({ day, accounts }) => ({ day, accounts })),
			};
		}),
	);
}

/** Of the index alone: whose deadline is over. */
async function countSuspended(records: Kysely<Records>, version: number, nowMs: number): Promise<number> {
	const { count } = await records
		.selectFrom("standing")
		.select((eb) => eb.fn.countAll<number>().as("count"))
		.where("notice_version", "=", version)
		.where("deadline_ms", "<=", nowMs)
		.executeTakeFirstOrThrow();
	return count;
}
