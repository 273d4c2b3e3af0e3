/** The way out of a forked or stuck group: a new one of the same people, with the history kept. */
import type { ConversationId } from "@troth/protocol";
import { useState } from "react";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { Confirm } from "../ui/dialog.tsx";
import { words } from "../words/words.ts";
import { useAction } from "./use-action.ts";

export interface RestartButtonProps {
	readonly conversation: ConversationId;
	readonly className: string;
	readonly children?: React.ReactNode;
}

export function RestartButton({ conversation, className, children }: RestartButtonProps) {
	const model = useModel();
	const act = useAction();
	const [asking, setAsking] = useState(false);
	const restart = () =>
		act(async () => {
			const id = await model.host.restartConversation(conversation);
			await model.conversations.load();
			goTo({ place: "chat", id }, { replace: true });
		});
	return (
		<>
			<button type="button" className={className} onClick={() => setAsking(true)}>
				{children}
				{words.trust.restart}
			</button>
			<Confirm
				open={asking}
				onClose={() => setAsking(false)}
				title={words.trust.restartTitle}
				text={words.trust.restartText}
				action={words.trust.restart}
				onConfirm={() => void restart()}
			/>
		</>
	);
}
