/** The end of the account: what happens, in plain words, and a question before it does. */
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { Sentences } from "./sentences.tsx";

export function DeleteAccountPage() {
	const { host, sharing } = useModel();
	const shares = (useCell(sharing)?.recipients.length ?? 0) > 0;
	const { deleting: say } = words;
	const [asking, setAsking] = useState(false);
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<string>();
	const remove = async () => {
		setBusy(true);
		setProblem(undefined);
		try {
			await host.deleteAccount();
		} catch (error) {
			setProblem(reasonOf(error));
			setBusy(false);
		}
	};
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-5 p-5 text-sm">
				<p>{say.lead}</p>
				<Sentences title={say.happens} of={shares ? [say.takenBack, ...say.happensList] : say.happensList} />
				<Sentences title={say.stays} of={shares ? [...say.staysList, say.marksStay] : say.staysList} />
				{problem !== undefined && <Problem>{problem}</Problem>}
				<Button look="danger" className="self-start" busy={busy} onClick={() => setAsking(true)}>
					{say.action}
				</Button>
			</div>
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={say.sure}
				text={say.sureText}
				action={say.confirm}
				onConfirm={() => void remove()}
			/>
		</Pane>
	);
}
