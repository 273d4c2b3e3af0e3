/** What to call somebody here, whatever they call themselves. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { LIMITS } from "@troth/protocol";
import { type FormEvent, useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Sheet } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { words } from "../words/words.ts";

export interface OwnNameSheetProps {
	readonly conversation: ConversationView;
	readonly onClose: () => void;
}

export function OwnNameSheet({ conversation, onClose }: OwnNameSheetProps) {
	const model = useModel();
	const { ownName: say } = words.finding;
	const peer = conversation.members.find(({ self }) => !self);
	const [name, setName] = useState(peer?.name ?? "");
	const [error, setError] = useState<string>();
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		if (peer === undefined) return;
		try {
			await model.host.setOwnName(peer.account, name.trim() === "" ? undefined : name.trim());
			model.conversations.refresh(conversation.id);
			onClose();
		} catch (failure) {
			setError(reasonOf(failure));
		}
	};
	return (
		<Sheet open onClose={onClose} title={say.title}>
			<form onSubmit={submit} noValidate className="flex flex-col gap-4">
				<Field
					label={say.title}
					hideLabel
					hint={say.hint}
					value={name}
					error={error}
					maxLength={LIMITS.nameCharacters}
					onChange={({ target }) => setName(target.value)}
				/>
				<Button type="submit">{words.common.save}</Button>
			</form>
		</Sheet>
	);
}
