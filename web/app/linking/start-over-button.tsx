/** For a browser that is no device of an account any more: the way to begin anew, once its person has what they want. */
import { useState } from "react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { words } from "../words/words.ts";

export function StartOverButton() {
	const { host } = useModel();
	const act = useAction();
	const [asking, setAsking] = useState(false);
	const { startOver: say } = words.linking;
	return (
		<>
			<Button look="quiet" className="mt-2 min-h-9" onClick={() => setAsking(true)}>
				{say.action}
			</Button>
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={say.title}
				text={say.text}
				action={say.confirm}
				onConfirm={() => void act(() => host.forgetHere())}
			/>
		</>
	);
}
