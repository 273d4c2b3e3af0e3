/** A new group: its name and its people. */
import type { Person } from "@troth/client/device/api.ts";
import { LIMITS } from "@troth/protocol";
import { type FormEvent, useState } from "react";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { PeoplePicker } from "./people-picker.tsx";

export function NewGroupPane() {
	const model = useModel();
	const [name, setName] = useState("");
	const [chosen, setChosen] = useState<readonly Person[]>([]);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (name.trim() === "") return setError(words.people.needName);
		if (chosen.length === 0) return setError(words.people.needMembers);
		setBusy(true);
		setError(undefined);
		try {
			const accounts = chosen.map(({ account }) => account);
			const id = await model.host.createGroup(name.trim(), accounts);
			model.conversations.refresh(id);
			goTo({ place: "chat", id }, { replace: true });
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};

	return (
		<Pane title={words.people.newGroup}>
			<form onSubmit={submit} noValidate className="flex min-h-full flex-col gap-6 p-5">
				<Field
					label={words.people.groupName}
					hint={words.people.groupNameHint}
					value={name}
					maxLength={LIMITS.groupNameCharacters}
					autoComplete="off"
					autoFocus
					onChange={({ target }) => {
						setName(target.value);
						setError(undefined);
					}}
				/>
				<section aria-labelledby="group-members" className="flex-1">
					<h2 id="group-members" className="mb-3 font-bold">
						{words.people.groupMembers}
					</h2>
					<PeoplePicker
						chosen={chosen}
						onChange={(next) => {
							setChosen(next);
							setError(undefined);
						}}
					/>
				</section>
				<div className="sticky bottom-0 -mx-5 -mb-5 flex flex-col gap-2 border-line border-t bg-surface p-5">
					{error !== undefined && <Problem>{error}</Problem>}
					<Button type="submit" busy={busy} className="min-h-12 text-base">
						{busy ? words.people.creatingGroup : words.people.createGroup}
					</Button>
					<p className="text-center text-muted text-xs">{words.people.upTo(LIMITS.groupLeaves)}</p>
				</div>
			</form>
		</Pane>
	);
}
