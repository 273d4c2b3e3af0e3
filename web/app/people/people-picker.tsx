/** Choosing people for a group: found by number, or known from chats. */
import type { Person } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { Check, Plus, X } from "lucide-react";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";
import { knownPeople } from "./known-people.ts";
import { NumberField } from "./number-field.tsx";
import { PersonRow } from "./person-row.tsx";
import { useFinder } from "./use-finder.ts";
import { useTitle } from "./use-numbers.ts";

export interface PeoplePickerProps {
	readonly chosen: readonly Person[];
	readonly onChange: (chosen: readonly Person[]) => void;
	/** Already members: not to be chosen again. */
	readonly members?: readonly Person[];
}

export function PeoplePicker({ chosen, onChange, members = [] }: PeoplePickerProps) {
	const finder = useFinder();
	const titleOf = useTitle();
	const known = knownPeople(useCell(useModel().conversations.list) ?? []);
	const isIn = (account: AccountId) => [...chosen, ...members].some((person) => person.account === account);
	const isChosen = (account: AccountId) => chosen.some((person) => person.account === account);
	const offered = known.filter(({ account }) => !members.some((member) => member.account === account));
	const drop = (account: AccountId) => onChange(chosen.filter((person) => person.account !== account));

	const add = async () => {
		const person = await finder.find();
		if (person === undefined) return;
		if (person.self) return finder.fail(words.people.itsYou);
		if (isIn(person.account)) return finder.fail(words.people.alreadyIn(titleOf(nameOf(person))));
		onChange([...chosen, person]);
		finder.type("");
	};

	return (
		<div className="flex flex-col gap-4">
			{chosen.length > 0 && (
				<ul className="flex flex-wrap gap-2">
					{chosen.map((person) => (
						<li key={person.account} className="flex items-center rounded-full bg-plum-soft py-0.5 pr-0.5 pl-3 text-sm">
							{titleOf(nameOf(person))}
							<button
								type="button"
								aria-label={words.people.removeMember(titleOf(nameOf(person)))}
								onClick={() => drop(person.account)}
								className="touch-target ml-1 grid size-8 place-items-center rounded-full text-plum hover:bg-plum/15"
							>
								<X size={16} />
							</button>
						</li>
					))}
				</ul>
			)}
			<NumberField
				label={words.people.addByNumber}
				value={finder.typed}
				onChange={finder.type}
				error={finder.error}
				onEnter={() => void add()}
				trailing={
					<Button
						look="plain"
						className="min-h-9 px-3"
						busy={finder.busy}
						disabled={finder.typed.trim() === ""}
						onClick={add}
					>
						{words.people.add}
					</Button>
				}
			/>
			{offered.length > 0 && (
				<fieldset>
					<legend className="mb-1 font-semibold text-muted text-xs">{words.people.recent}</legend>
					<ul className="-mx-2">
						{offered.map((person) => (
							<li key={person.account}>
								<button
									type="button"
									aria-pressed={isChosen(person.account)}
									onClick={() => (isChosen(person.account) ? drop(person.account) : onChange([...chosen, person]))}
									className="flex w-full rounded-control px-2 text-left hover:bg-hover"
								>
									<PersonRow
										person={person}
										trailing={
											<span
												aria-hidden="true"
												className={`grid size-7 place-items-center rounded-full ${isChosen(person.account) ? "bg-plum text-on-plum" : "border border-edge text-muted"}`}
											>
												{isChosen(person.account) ? <Check size={16} /> : <Plus size={16} />}
											</span>
										}
									/>
								</button>
							</li>
						))}
					</ul>
				</fieldset>
			)}
		</div>
	);
}
