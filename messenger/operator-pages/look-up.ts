/** One account's standing, choices and limits, for the operator who said why. Nothing is read before that is written. */
import { phaseAt, readStanding } from "@troth/bridge";
import { type AccountId, Refusal } from "@troth/protocol";
import { readPhoneNumber } from "../accounts/phone-numbers.ts";
import type { MessengerContext } from "../context.ts";
import { auditEntry } from "../operator/audit.ts";
import type { AccountFacts } from "./account-page.ts";

const ACCOUNT = /^[0-9a-f]{32}$/;

/**
 * Writes the look down, then looks. A look at a number that has no account is written down too. Refuses with MALFORMED
 * (the reason), PHONE_INVALID, NOT_FOUND.
 */
export async function lookUp(
	{ records, clock }: Pick<MessengerContext, "records" | "clock">,
	whom: string,
	reason: string,
): Promise<AccountFacts> {
	const asked = whom.trim();
	const rows = records.selectFrom("account").select("account_id");
	const found = await (ACCOUNT.test(asked)
		? rows.where("account_id", "=", asked as AccountId)
		: rows.where("phone", "=", readPhoneNumber(asked))
	).executeTakeFirst();
	await auditEntry(records, clock, { action: "account-viewed", account: found?.account_id, reason });
	if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such account");
	return readAccount({ records, clock }, found.account_id);
}

/** After a look, or an act, that was written down. Refuses with NOT_FOUND. */
export async function readAccount(
	{ records, clock }: Pick<MessengerContext, "records" | "clock">,
	account: AccountId,
): Promise<AccountFacts> {
	const found = await records
		.selectFrom("account")
		.select("created_at_ms")
		.where("account_id", "=", account)
		.executeTakeFirst();
	if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such account");
	const [standing, devices, business, limits, reports] = await Promise.all([
		readStanding(records, account),
		records
			.selectFrom("device")
			.select("device_id")
			.where("account_id", "=", account)
			.where("removed_at_ms", "is", null)
			.execute(),
		records.selectFrom("business").select("name").where("account_id", "=", account).executeTakeFirst(),
		records
			.selectFrom("abuse_action")
			.selectAll()
			.where("account_id", "=", account)
			.where("until_ms", ">", clock.now())
			.orderBy("since_ms")
			.execute(),
		records
			.selectFrom("abuse_report")
			.select(["report_id", "reason", "reported_at_ms", "revealed"])
			.where("account_id", "=", account)
			.orderBy("reported_at_ms", "desc")
			.execute(),
	]);
	const { accepted, notice } = standing;
	return {
		...{ account, createdAtMs: found.created_at_ms, devices: devices.length, business: business?.name },
		phase: phaseAt(standing, clock.now()),
		...{ acceptedVersion: accepted?.version, acceptedAtMs: accepted?.atMs },
		...{ noticeVersion: notice?.version, noticeDisplayedAtMs: notice?.displayedAtMs, deadlineMs: notice?.deadlineMs },
		choices: [...standing.choices].map(([purpose, { state, decidedAtMs }]) => ({ purpose, state, decidedAtMs })),
		limits: limits.map(({ purpose, label, since_ms, until_ms, objected_at_ms }) => {
			return { purpose, label, sinceMs: since_ms, untilMs: until_ms, objectedAtMs: objected_at_ms ?? undefined };
		}),
		reports: reports.map(({ report_id, reason, reported_at_ms, revealed }) => ({
			...{ id: report_id, reason: String(reason), atMs: reported_at_ms },
			revealed: revealed === null ? 0 : (JSON.parse(revealed) as readonly unknown[]).length,
		})),
	};
}
