/** Copying a text, and sending it where the system has a sheet for that. */
import { Copy, Send } from "lucide-react";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";
import { canSendText, sendText } from "./send-text.ts";

export interface TextButtonsProps {
	readonly text: string;
	readonly copy: string;
	readonly send: string;
}

export function TextButtons({ text, copy, send }: TextButtonsProps) {
	const model = useModel();
	const act = useAction();
	const sends = canSendText();
	return (
		<div className="flex flex-wrap gap-2">
			{sends && (
				<Button onClick={() => act(() => sendText(text))}>
					<Send size={17} aria-hidden="true" /> {send}
				</Button>
			)}
			<Button
				look={sends ? "quiet" : "primary"}
				onClick={() =>
					act(async () => {
						await navigator.clipboard.writeText(text);
						model.say(words.finding.invite.copied);
					})
				}
			>
				<Copy size={17} aria-hidden="true" /> {copy}
			</Button>
		</div>
	);
}
