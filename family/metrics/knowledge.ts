/** What the company can say to somebody about their use, and what it can not. */
import { classOn, dayText, utcDayOf } from "@troth/protocol";
import { html } from "@troth/protocol/html.ts";
import type { FamilyContext, KnowledgeSection } from "../context.ts";
import type { Viewer } from "../people/person.ts";
import { CLASS_WORDS, HOW_OFTEN_PATH } from "./how-often-page.ts";

export async function ownUsageKnowledge(
	{ records, clock, company }: FamilyContext,
	{ person }: Viewer,
): Promise<KnowledgeSection> {
	const row = await records
		.selectFrom("own_usage")
		.select(["last_used_day", "days"])
		.where("person_id", "=", person)
		.executeTakeFirst();
	const here =
		row === undefined ? undefined : classOn({ lastUsedDay: row.last_used_day, days: row.days }, utcDayOf(clock.now()));
	return {
		title: "How often you are here",
		key: "usage",
		data: { here: here ?? null, lastDay: row === undefined ? null : dayText(row.last_used_day) },
		body: html`
<p>${here === undefined || row === undefined ? `Not noted yet.` : `${company.title}: ${CLASS_WORDS[here]} in the last four weeks, last on ${dayText(row.last_used_day)}.`}</p>
<p class="quiet">Troth tells us, too, how often it is used, about people under names that change each quarter. If you use
it, one of these is you, and we can not tell which: so it is not here. Troth shows it to you, on your device, and there
you can object to it. What comes of it is <a href="${HOW_OFTEN_PATH}">how often our services are used</a>.</p>`,
	};
}
