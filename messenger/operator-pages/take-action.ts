/** What was filled in to act upon an account, done and said. */
import { type AccountId, Refusal } from "@troth/protocol";
import { actUpon } from "../abuse/operator.ts";
import type { MessengerContext } from "../context.ts";
import type { AccountFacts } from "./account-page.ts";
import { readAccount } from "./look-up.ts";
import type { Form } from "./read-form.ts";

const DONE = {
	limit: "The account is limited, and its person is told.",
	lift: "The limit has ended.",
	keep: "It stands, and its person is told.",
} as const;

export interface Taken {
	/** Undefined where there is no such account, or the act was not written down. */
	readonly facts: AccountFacts | undefined;
	readonly said: { readonly good: boolean; readonly text: string };
}

/** The account is shown again only after an act that was written down. */
export async function takeAction(context: MessengerContext, how: keyof typeof DONE, form: Form): Promise<Taken> {
	const account = form.get("account") ?? "";
	try {
		await actUpon(context, how, requestOf(account, how, form));
		return { facts: await readAccount(context, account as AccountId), said: { good: true, text: DONE[how] } };
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return { facts: undefined, said: { good: false, text: `Nothing was done: ${error.message}.` } };
	}
}

function requestOf(account: string, how: keyof typeof DONE, form: Form): object {
	const whom = { account, reason: form.get("reason") ?? "" };
	if (how !== "limit") return { ...whom, purpose: form.get("purpose") };
	const [purpose, label] = (form.get("label") ?? "").split(":");
	const [scoreClass, caseId] = [form.get("scoreClass"), form.get("caseId")?.trim() ?? ""];
	return {
		...{ ...whom, purpose, label, days: Number(form.get("days")) },
		...(purpose === "spam_and_abuse" ? { scoreClass } : caseId !== "" && { caseId }),
	};
}
