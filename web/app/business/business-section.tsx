/** In the chat with a business: what it may send. Nothing where the other one is no business. */
import type { BusinessPreferenceView, BusinessPurpose } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { useCallback } from "react";
import { useAction } from "../info/use-action.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";

/** In the order in which people care. */
const PURPOSES: readonly BusinessPurpose[] = ["utility", "authentication", "service", "marketing"];

export function BusinessSection({ account }: { readonly account: AccountId }) {
	const { host } = useModel();
	const act = useAction();
	const { value: businesses, again } = useAnswer(useCallback(() => host.businesses(), [host]));
	const business = businesses?.find((one) => one.account === account);
	if (business === undefined) return null;
	const decide = (purpose: BusinessPurpose, allowed: boolean) =>
		act(async () => {
			await host.setBusinessPreference(account, purpose, allowed ? "allowed" : "stopped");
			again();
		});
	return (
		<section aria-labelledby="business-messages">
			<h2 id="business-messages" className="mb-1 font-semibold text-muted text-xs">
				{words.business.title}
			</h2>
			<p className="mb-2 text-muted text-xs">{words.business.about}</p>
			<div className="divide-y divide-line rounded-card border border-line">
				{PURPOSES.map((purpose) => {
					const preference = business.preferences.find((one) => one.purpose === purpose);
					return (
						<SwitchRow
							key={purpose}
							label={words.business.purposes[purpose].label}
							text={explain(purpose, preference)}
							checked={isOn(purpose, preference)}
							onChange={(allowed) => void decide(purpose, allowed)}
						/>
					);
				})}
			</div>
		</section>
	);
}

/** Offers need a yes; everything else goes until it is stopped. */
function isOn(purpose: BusinessPurpose, preference: BusinessPreferenceView | undefined): boolean {
	return purpose === "marketing" ? preference?.permission === "allowed" : preference?.permission !== "stopped";
}

function explain(purpose: BusinessPurpose, preference: BusinessPreferenceView | undefined): string {
	const { text } = words.business.purposes[purpose];
	const since = preference?.decidedAtMs;
	return since === undefined ? text : `${text} ${words.business.since(words.time.dayAndTime(since))}`;
}
