/** One conversation: heading, messages, composer. */
import type { MessageView } from "@troth/client/device/api.ts";
import type { ConversationId } from "@troth/protocol";
import { useEffect, useMemo, useState } from "react";
import { JoiningNote } from "../linking/joining-note.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { ChatHeader } from "./chat-header.tsx";
import { Composer } from "./composer.tsx";
import { KeyChangeBanner } from "./key-change-banner.tsx";
import { MessageList } from "./message-list.tsx";

export function ChatPane({ id }: { readonly id: ConversationId }) {
	const model = useModel();
	const chat = useMemo(() => model.chat(id), [model, id]);
	const list = useCell(model.conversations.list);
	const window = useCell(chat.window);
	const conversation = list?.find((candidate) => candidate.id === id);
	const [replyTo, setReplyTo] = useState<MessageView>();
	const title = useTitle()(conversation?.title ?? "");

	useEffect(() => {
		model.lookingAt(id);
		return () => model.lookingAt(undefined);
	}, [model, id]);

	useEffect(() => {
		// An address of a chat that is not on this device: an old link, or another profile's.
		if (list !== undefined && conversation === undefined) {
			model.host.conversation(id).then(
				(found) => {
					if (found?.continuedBy !== undefined) goTo({ place: "chat", id: found.continuedBy }, { replace: true });
					else if (found === undefined) goTo({ place: "chats" }, { replace: true });
					else model.conversations.put(found);
				},
				() => {},
			);
		}
	}, [model, id, list, conversation]);

	if (conversation === undefined || window === undefined) {
		return (
			<div role="status" className="grid h-full place-items-center text-muted">
				<Spinner size={26} />
				<span className="sr-only">{words.common.loading}</span>
			</div>
		);
	}
	return (
		<section aria-label={words.chat.landmark(title)} className="flex h-full min-h-0 flex-col">
			<ChatHeader conversation={conversation} />
			<MessageList chat={chat} window={window} conversation={conversation} onReply={setReplyTo} />
			<KeyChangeBanner conversation={conversation} />
			<JoiningNote joining={conversation.joining} />
			<Composer
				key={id}
				chat={chat}
				conversation={conversation}
				replyTo={replyTo}
				onReplyDone={() => setReplyTo(undefined)}
			/>
		</section>
	);
}
