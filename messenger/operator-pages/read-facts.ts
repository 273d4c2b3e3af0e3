/** What the pages show, read from where it is: counts only. */
import { type Policy, takenAway } from "@troth/bridge";
import type { MessengerContext } from "../context.ts";
import { describeRollout } from "../operator/rollout.ts";
import type { Funnel } from "../terms/funnel.ts";
import type { BusinessLine } from "./businesses-page.ts";
import type { OverviewFacts } from "./overview-page.ts";
import type { PeopleFacts } from "./people-page.ts";
import type { EndedYeses } from "./preview-page.ts";
import type { SharingFacts } from "./sharing-page.ts";
import { type TermsFacts, titleOf } from "./terms-page.ts";

const REPORTS_SHOWN_MS = 30 * 24 * 3600 * 1000;
const ACCOUNTS_SHOWN = 50;

export async function readFigures({ door, events }: MessengerContext): Promise<SharingFacts> {
	if (door === undefined) return undefined;
	try {
		return await door.getFigures({});
	} catch (error) {
		events.failed("figures", error);
		return "unavailable";
	}
}

export async function readTerms(context: MessengerContext): Promise<TermsFacts> {
	const { terms } = context;
	const { versions } = await describeRollout(context);
	const funnels = new Map(versions.map((funnel) => [funnel.version, funnel]));
	return {
		next: terms.next,
		versions: terms.versions.toReversed().flatMap(({ policy, publishedAtMs }) => {
			const funnel = funnels.get(policy.version);
			return funnel === undefined ? [] : [{ policy, publishedAtMs, funnel }];
		}),
	};
}

/** How many yeses to what an earlier version has would end with this one, wherever people live. */
export async function endedYeses(
	{ records, terms }: Pick<MessengerContext, "records" | "terms">,
	policy: Policy,
): Promise<readonly EndedYeses[]> {
	const ended = terms.versions.flatMap(({ policy: earlier }) => takenAway(earlier, policy));
	const keys = new Map(ended.map(({ id, hash }) => [`${id} ${hash} granted`, titleOf(terms.current, id)]));
	const tallies = await records.selectFrom("terms_tally").selectAll().where("kind", "=", "choice").execute();
	return tallies.flatMap(({ key, count }) => {
		const purpose = keys.get(key);
		return purpose === undefined || count === 0 ? [] : [{ purpose, yeses: count }];
	});
}

export async function readOverview(context: MessengerContext): Promise<OverviewFacts> {
	const { records, absenceDays: days } = context;
	const { versions } = await describeRollout(context);
	const warned = await records
		.selectFrom("account")
		.select((eb) => eb.fn.countAll<number>().as("count"))
		.where("absent_since_ms", "is not", null)
		.executeTakeFirstOrThrow();
	const { reported, actions } = await readPeople(context);
	return {
		current: versions[0] as Funnel,
		figures: await readFigures(context),
		businesses: (await records.selectFrom("business").select("account_id").execute()).length,
		reports: reported.reduce((sum, { reports }) => sum + reports, 0),
		objections: actions.reduce((sum, { objected }) => sum + objected, 0),
		absent: { warned: warned.count, days },
	};
}

export async function readBusinesses({ records }: MessengerContext): Promise<readonly BusinessLine[]> {
	const rows = await records.selectFrom("business").selectAll().orderBy("name").execute();
	return rows.map(({ name, account_id, approved_at_ms }) => {
		return { name, account: account_id, approvedAtMs: approved_at_ms };
	});
}

/** Who reported is not read. */
export async function readPeople({ records, clock }: MessengerContext): Promise<PeopleFacts> {
	const sinceMs = clock.now() - REPORTS_SHOWN_MS;
	const reports = records.selectFrom("abuse_report").where("reported_at_ms", ">", sinceMs);
	const [reported, reasons, actions] = await Promise.all([
		reports
			.select((eb) => [
				"account_id",
				eb.fn.countAll<number>().as("reports"),
				eb.fn.max("reported_at_ms").as("newest_at_ms"),
			])
			.groupBy("account_id")
			.orderBy("reports", "desc")
			.orderBy("newest_at_ms", "desc")
			.limit(ACCOUNTS_SHOWN)
			.execute(),
		reports
			.select((eb) => ["reason", eb.fn.countAll<number>().as("reports")])
			.groupBy("reason")
			.orderBy("reason")
			.execute(),
		records
			.selectFrom("abuse_action")
			.select((eb) => [
				"label",
				eb.fn.countAll<number>().as("accounts"),
				eb.fn.count<number>("objected_at_ms").as("objected"),
			])
			.where("until_ms", ">", clock.now())
			.groupBy("label")
			.orderBy("label")
			.execute(),
	]);
	return {
		reported: reported.map(({ account_id, newest_at_ms, reports: count }) => {
			return { account: account_id, reports: count, newestAtMs: newest_at_ms };
		}),
		reasons: reasons.map((row) => ({ reason: String(row.reason), reports: row.reports })),
		actions,
	};
}
