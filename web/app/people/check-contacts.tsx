/** Asking the server who of the address book is here: only on a click, after saying what happens. */
import type { CheckView, ContactView } from "@troth/client/device/api.ts";
import { SearchCheck } from "lucide-react";
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export function CheckContacts({ contacts }: { readonly contacts: readonly ContactView[] }) {
	const { host } = useModel();
	const { contacts: say } = words.finding;
	const [busy, setBusy] = useState(false);
	const [outcome, setOutcome] = useState<CheckView>();
	const [error, setError] = useState<string>();
	const check = async () => {
		setBusy(true);
		setError(undefined);
		try {
			setOutcome(await host.checkContacts());
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<section aria-labelledby="check" className="flex flex-col gap-3 rounded-card border border-line bg-raised p-4">
			<h2 id="check" className="font-semibold">
				{say.checkTitle}
			</h2>
			<p className="text-muted text-xs">{say.checkText}</p>
			<Button busy={busy} className="self-start" onClick={() => void check()}>
				{!busy && <SearchCheck size={17} aria-hidden="true" />} {say.check(contacts.length)}
			</Button>
			{error !== undefined && <Problem>{error}</Problem>}
			<div role="status">
				{outcome !== undefined && (
					<p>
						{outcome.checked > 0 && (
							<span className="font-semibold">{say.checked(outcome.found, outcome.checked)} </span>
						)}
						{outcome.retryAtMs !== undefined && say.left(outcome.left, words.time.dayAndTime(outcome.retryAtMs))}
					</p>
				)}
			</div>
		</section>
	);
}
