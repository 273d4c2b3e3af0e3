/** Renaming a group and adding people to it. */
import type { ConversationView, Person } from "@troth/client/device/api.ts";
import { LIMITS } from "@troth/protocol";
import { type FormEvent, useState } from "react";
import { PeoplePicker } from "../people/people-picker.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Field, Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";

interface SheetProps {
	readonly conversation: ConversationView;
	readonly onClose: () => void;
}

export function RenameSheet({ conversation, onClose }: SheetProps) {
	const model = useModel();
	const [name, setName] = useState(conversation.title);
	const { busy, error, run } = useSubmit(onClose);
	const submit = (event: FormEvent) => {
		event.preventDefault();
		if (name.trim() !== "") void run(() => model.host.renameGroup(conversation.id, name.trim()));
	};
	return (
		<Sheet open onClose={onClose} title={words.info.renameTitle}>
			<form onSubmit={submit} noValidate className="flex flex-col gap-4">
				<Field
					label={words.people.groupName}
					hideLabel
					hint={words.people.groupNameHint}
					value={name}
					error={error}
					maxLength={LIMITS.groupNameCharacters}
					onChange={({ target }) => setName(target.value)}
				/>
				<Button type="submit" busy={busy} disabled={name.trim() === ""}>
					{words.common.save}
				</Button>
			</form>
		</Sheet>
	);
}

export function AddMembersSheet({ conversation, onClose }: SheetProps) {
	const model = useModel();
	const [chosen, setChosen] = useState<readonly Person[]>([]);
	const { busy, error, run } = useSubmit(onClose);
	const add = () =>
		run(async () => {
			await model.host.addMembers(
				conversation.id,
				chosen.map(({ account }) => account),
			);
			model.conversations.refresh(conversation.id);
		});
	return (
		<Sheet open onClose={onClose} title={words.info.addTitle}>
			<div className="flex flex-col gap-5">
				<PeoplePicker chosen={chosen} onChange={setChosen} members={conversation.members} />
				{error !== undefined && <Problem>{error}</Problem>}
				<Button busy={busy} disabled={chosen.length === 0} onClick={add}>
					{words.info.addMembers}
				</Button>
			</div>
		</Sheet>
	);
}

function useSubmit(onDone: () => void) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const run = async (task: () => Promise<void>) => {
		setBusy(true);
		setError(undefined);
		try {
			await task();
			onDone();
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};
	return { busy, error, run };
}
