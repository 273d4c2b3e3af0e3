/** What the bubbles of a chat can ask for, and what they asked for last. */
import type { MessageView } from "@troth/client/device/api.ts";
import { useEffect, useMemo, useState } from "react";
import type { Chat } from "../state/chat.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { words } from "../words/words.ts";
import type { BubbleActions } from "./bubble.tsx";

/** A message that was asked for stands out so long, ms. */
const SHOWN_FOR = 1_600;

export interface BubbleRequests {
	readonly actions: BubbleActions;
	/** Key of the message to scroll to, while it stands out. */
	readonly shownKey: string | undefined;
	/** The message whose details are open. */
	readonly told: MessageView | undefined;
	readonly closeDetails: () => void;
}

/** @param onReply must keep its identity between renderings */
export function useBubbleActions(chat: Chat, onReply: (message: MessageView) => void): BubbleRequests {
	const model = useModel();
	const [shownKey, setShownKey] = useState<string>();
	const [told, tell] = useState<MessageView>();

	const actions = useMemo(
		(): BubbleActions => ({
			reply: onReply,
			tell,
			async show(id) {
				const here = await chat.reach((message) => message.id === id);
				if (here) setShownKey(chat.window.value?.messages.find((message) => message.id === id)?.key);
				else model.say(words.message.replyGone);
			},
			async sendAgain({ body }) {
				if (body.kind !== "text") return;
				try {
					await chat.send(body.text, body.replyTo);
				} catch (error) {
					model.say(reasonOf(error));
				}
			},
		}),
		[chat, model, onReply],
	);

	useEffect(() => {
		if (shownKey === undefined) return;
		const timer = model.clock.after(SHOWN_FOR, () => setShownKey(undefined));
		return () => timer.cancel();
	}, [shownKey, model]);

	return { actions, shownKey, told, closeDetails: () => tell(undefined) };
}
