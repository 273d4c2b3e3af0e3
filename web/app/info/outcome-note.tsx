/** What a code that was scanned proves. */
import type { SafetyOutcome } from "@troth/client/device/api.ts";
import { words } from "../words/words.ts";

const TONES: Readonly<Record<SafetyOutcome, string>> = {
	same: "bg-moss-soft",
	offered: "bg-brass-soft",
	differs: "bg-rust-soft",
	"for-another": "bg-brass-soft",
	unreadable: "bg-brass-soft",
};

export function OutcomeNote({ outcome }: { readonly outcome: SafetyOutcome }) {
	return (
		<p className={`rounded-control px-3 py-2 font-semibold text-sm ${TONES[outcome]}`}>
			{words.trust.outcome[outcome]}
		</p>
	);
}
