/** Whose chats say that the number changed: nobody is chosen for the person. */
import type { ConversationView, NumberTelling } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { useId } from "react";
import { useTitle } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

const CHOICES = ["nobody", "contacts", "chosen"] as const;

export interface TellingChoiceProps {
	readonly telling: NumberTelling;
	readonly onChange: (telling: NumberTelling) => void;
}

export function TellingChoice({ telling, onChange }: TellingChoiceProps) {
	const name = useId();
	const { changingNumber: say } = words;
	const choose = (to: (typeof CHOICES)[number]) => onChange(to === "chosen" ? { to, accounts: [] } : { to });
	return (
		<fieldset>
			<legend className="mb-2 font-bold">{say.tell}</legend>
			<p className="mb-2 text-muted text-xs">{say.tellText}</p>
			{CHOICES.map((to) => (
				<label key={to} className="flex min-h-11 items-center gap-3">
					<input
						type="radio"
						name={name}
						checked={telling.to === to}
						onChange={() => choose(to)}
						className="size-4.5 accent-plum"
					/>
					{say.tellOptions[to]}
				</label>
			))}
			{telling.to === "chosen" && (
				<People chosen={telling.accounts} onChange={(accounts) => onChange({ to: "chosen", accounts })} />
			)}
		</fieldset>
	);
}

interface PeopleProps {
	readonly chosen: readonly AccountId[];
	readonly onChange: (accounts: readonly AccountId[]) => void;
}

function People({ chosen, onChange }: PeopleProps) {
	const titleOf = useTitle();
	const people = (useCell(useModel().conversations.list) ?? []).flatMap(personOf);
	return (
		<ul aria-label={words.changingNumber.tellOptions.chosen} className="mt-1 ml-7.5 border-line border-l pl-4">
			{people.map(({ account, title }) => (
				<li key={account}>
					<label className="flex min-h-11 items-center gap-3">
						<input
							type="checkbox"
							checked={chosen.includes(account)}
							onChange={({ target }) =>
								onChange(target.checked ? [...chosen, account] : chosen.filter((other) => other !== account))
							}
							className="size-4.5 accent-plum"
						/>
						{titleOf(title)}
					</label>
				</li>
			))}
		</ul>
	);
}

/** Whom a chat of two is with. */
function personOf({ kind, ended, blocked, title, members }: ConversationView) {
	const other = members.find(({ self }) => !self);
	return kind === "direct" && !ended && !blocked && other !== undefined ? [{ account: other.account, title }] : [];
}
