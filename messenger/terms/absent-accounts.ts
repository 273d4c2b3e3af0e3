/**
 * Suspended accounts whose devices all stay away: they are warned twice and then end, as if their person had deleted them.
 * What is due says `bridge/lifecycle/absence.ts`; here it is found, some accounts at a time, and done. What an account was
 * warned of stands with it, so that a run that was cut off is simply run again.
 */
import { create, toBinary } from "@bufbuild/protobuf";
import { type Absence, type AbsenceEffect, phaseAt, reduceAbsence } from "@troth/bridge";
import { AccountEndingPayloadSchema, type AccountId, type DeviceId, EntryKind } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import { endAccount, finishEnding, forgetAttempts } from "../accounts/end-account.ts";
import type { MessengerContext } from "../context.ts";
import type { AccountRow, Records } from "../records/schema.ts";

export const ABSENT_ACCOUNTS_EVERY_MS = 6 * 3600 * 1000;
const ACCOUNTS_AT_ONCE = 500;

/** Somebody came while their account was being ended: nothing of it happened. */
class CameBack extends Error {}

interface Suspended {
	readonly account: AccountId;
	readonly devices: readonly DeviceId[];
	/** What is kept of looks before, and what is due now. */
	readonly before: Absence | undefined;
	readonly after: Absence | undefined;
	readonly effect: AbsenceEffect | undefined;
}

/** Warns and ends whose time it is. Rejects where a store does: the next run goes on. */
export async function sweepAbsentAccounts(context: MessengerContext, accountsAtOnce = ACCOUNTS_AT_ONCE): Promise<void> {
	const { records } = context;
	await forgetPresent(records);
	let after: { readonly deadlineMs: number; readonly account: string } = { deadlineMs: 0, account: "" };
	for (;;) {
		const slice = await records
			.selectFrom("standing")
			.select(["account_id", "deadline_ms"])
			.where("deadline_ms", "<=", context.clock.now())
			.where(sql<boolean>`(deadline_ms, account_id) > (${after.deadlineMs}, ${after.account})`)
			.orderBy("deadline_ms")
			.orderBy("account_id")
			.limit(accountsAtOnce)
			.execute();
		const last = slice.at(-1);
		if (last === undefined) return;
		after = { deadlineMs: last.deadline_ms ?? 0, account: last.account_id };
		const accounts = slice.map((row) => row.account_id);
		for (const suspended of await lookAt(context, records, accounts)) await doWhatIsDue(context, suspended);
	}
}

/** Who accepted is missed no more, whether or not they are ever suspended again. */
async function forgetPresent(records: Kysely<Records>): Promise<void> {
	await records
		.updateTable("account")
		.set(columnsOf(undefined))
		.where("absent_since_ms", "is not", null)
		.where("account_id", "in", (from) =>
			from.selectFrom("standing").select("standing.account_id").where("deadline_ms", "is", null),
		)
		.execute();
}

async function lookAt(
	{ clock, directory, delivery, absenceDays }: MessengerContext,
	records: Kysely<Records>,
	accounts: readonly AccountId[],
): Promise<readonly Suspended[]> {
	const rows = await records
		.selectFrom("standing")
		.innerJoin("account", "account.account_id", "standing.account_id")
		.innerJoin("device", "device.account_id", "standing.account_id")
		.select(["standing.account_id", "accepted_version", "deadline_ms", "time_ms"])
		.select(["absent_since_ms", "absence_warned_ms", "absence_warned_again_ms"])
		.select(["device_id", "device.created_at_ms", "last_attached_ms"])
		.where("standing.account_id", "in", accounts)
		.where("removed_at_ms", "is", null)
		.execute();
	const atMs = clock.now();
	return [...Map.groupBy(rows, (row) => row.account_id)].flatMap(([account, own]) => {
		const [row] = own;
		if (row === undefined || row.deadline_ms === null) return [];
		const seen = own.map(({ device_id: device, created_at_ms, last_attached_ms }) =>
			delivery.attached(device) ? atMs : (directory.lastSeen(device) ?? last_attached_ms ?? created_at_ms),
		);
		const facts = {
			...{ accepted: row.accepted_version ?? undefined, closed: false, timeMs: row.time_ms },
			notice: { deadlineMs: row.deadline_ms },
		};
		const before = absenceOf(row);
		const look = { type: "looked", phase: phaseAt(facts, atMs), seenMs: Math.max(...seen), atMs } as const;
		const { state, effect } = reduceAbsence(before, look, absenceDays);
		const devices = own.map(({ device_id }) => device_id);
		return [{ account, devices, before, after: state, effect }];
	});
}

async function doWhatIsDue(context: MessengerContext, { account, devices, ...one }: Suspended): Promise<void> {
	const { before, after, effect } = one;
	if (effect?.type === "end") return end(context, account);
	if (effect?.type === "warn" && after !== undefined) return warn(context, { account, devices, after, effect });
	if (before !== undefined && after === undefined) await store(context.records, account, undefined);
}

interface Due {
	readonly account: AccountId;
	readonly devices: readonly DeviceId[];
	readonly after: Absence;
	readonly effect: Extract<AbsenceEffect, { readonly type: "warn" }>;
}

/** Told first, and counted after: what is told twice is one warning, what is never told is none. */
async function warn(context: MessengerContext, { account, devices, after, effect }: Due): Promise<void> {
	const { records, clock, delivery, wakeUps, events, absenceDays } = context;
	const { warning, endsAtMs } = effect;
	const payload = create(AccountEndingPayloadSchema, {
		...{ warning, endsAtMs: BigInt(endsAtMs), awaySinceMs: BigInt(after.sinceMs) },
	});
	await delivery.notifyDevices(devices, EntryKind.ACCOUNT_ENDING, toBinary(AccountEndingPayloadSchema, payload));
	await wakeUps?.wakeAgain(devices);
	await store(records, account, reduceAbsence(after, { type: "warned", atMs: clock.now() }, absenceDays).state);
	events.absenceWarned(warning);
}

/** The same end as the one that a person asks for. Nothing happens where somebody came meanwhile. */
async function end(context: MessengerContext, account: AccountId): Promise<void> {
	const { records, clock, events } = context;
	try {
		const ended = await records.transaction().execute(async (transaction) => {
			const [now] = await lookAt(context, transaction, [account]);
			if (now?.effect?.type !== "end") throw new CameBack();
			await forgetAttempts(transaction, account);
			const { devices } = await endAccount(transaction, account, clock.now());
			if (devices.some((device) => isBack(context, device))) throw new CameBack();
			return { account, devices };
		});
		events.accountAbsent(account);
		await finishEnding(context, ended);
	} catch (error) {
		if (!(error instanceof CameBack)) throw error;
	}
}

/** Who was seen since the records were read stands in memory until this transaction is over. */
function isBack({ delivery, directory }: MessengerContext, device: DeviceId): boolean {
	return delivery.attached(device) || directory.lastSeen(device) !== undefined;
}

async function store(records: Kysely<Records>, account: AccountId, absence: Absence | undefined): Promise<void> {
	await records.updateTable("account").set(columnsOf(absence)).where("account_id", "=", account).execute();
}

type AbsenceColumns = Pick<AccountRow, "absent_since_ms" | "absence_warned_ms" | "absence_warned_again_ms">;

function columnsOf(absence: Absence | undefined): AbsenceColumns {
	const [first, second] = absence?.warnedAtMs ?? [];
	return {
		absent_since_ms: absence?.sinceMs ?? null,
		absence_warned_ms: first ?? null,
		absence_warned_again_ms: second ?? null,
	};
}

function absenceOf({ absent_since_ms: sinceMs, ...row }: AbsenceColumns): Absence | undefined {
	if (sinceMs === null) return undefined;
	return {
		sinceMs,
		warnedAtMs: [row.absence_warned_ms, row.absence_warned_again_ms].filter((atMs) => atMs !== null),
	};
}
