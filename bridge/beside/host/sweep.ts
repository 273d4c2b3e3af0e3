/**
 * For hosts that forget to tell: looks now and then whether the people with something shared are still there, and whether
 * their facts are still the same.
 */
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";
import { everybody, type Known } from "../people/everybody.ts";
import { forget } from "./host-events.ts";
import { lookAtFact, shareAnew } from "./renew.ts";

/** More than this and more than this share of everybody at once is rather a broken view than people who left. */
const MANY = 10;
const MANY_SHARE = 0.2;

/** One look at everybody. What the host does not answer is left for the next one. Rejects with StoreError. */
export async function sweep(context: BesideContext): Promise<void> {
	const { events } = context;
	try {
		const gone: Known[] = [];
		let looked = 0;
		let changed = 0;
		for await (const people of everybody(context.records)) {
			looked += people.length;
			const known = await context.facts.known(people.map(({ host_id }) => host_id));
			for (const person of people) {
				if (!known.has(person.host_id)) gone.push(person);
				else if (await hasChanged(context, person)) changed++;
			}
		}
		if (gone.length > MANY && gone.length > looked * MANY_SHARE) return events.sweepImplausible(looked, gone.length);
		for (const { account_id } of gone) await forget(context, account_id, "swept");
		events.sweepEnded(looked, gone.length, changed);
	} catch (error) {
		if (!(error instanceof FieldsUnavailable)) throw error;
		events.hostUnavailable();
	}
}

/** Shares anew where the fact is another one than at the last look. Nothing is asked about who allowed nothing. */
async function hasChanged(context: BesideContext, { account_id: account }: Known): Promise<boolean> {
	const again = await lookAtFact(context, account, (records) => shareAnew(records, account, context.clock.now()));
	if (again) context.events.sharedAnew("swept");
	return again;
}
