import { type AccountId, type DescribePersonRequest, isRegion, Refusal } from "@troth/protocol";
import { recordEvent } from "../consent/record.ts";
import type { Person } from "../lifecycle/person.ts";
import type { AskingContext } from "./context.ts";

/**
 * What a person says about where they live and their age, and what follows: a yes that the rules do not take any more
 * ends and is recalled. Refuses with MALFORMED (no such region), NOT_FOUND (the account has ended).
 */
export async function recordDescription(
	{ records, terms, clock }: AskingContext,
	{ declaredRegion, minor }: DescribePersonRequest,
	account: AccountId,
): Promise<void> {
	if (declaredRegion !== undefined && declaredRegion !== "" && !isRegion(declaredRegion))
		throw new Refusal("MALFORMED", "a region is two capital letters of ISO 3166-1");
	const person: Partial<Person> = {
		...(declaredRegion !== undefined && { declaredRegion: declaredRegion === "" ? undefined : declaredRegion }),
		...(minor !== undefined && { minor }),
	};
	await records.transaction().execute(async (transaction) => {
		const { refused } = await recordEvent(transaction, account, terms, { type: "moved", person, atMs: clock.now() });
		if (refused !== undefined) throw new Refusal("NOT_FOUND", "the account has ended");
	});
}
