/** The number of chats with news, where tabs and task bars show it. */
import { useEffect } from "react";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

export function useDocumentTitle(): void {
	const list = useCell(useModel().conversations.list);
	const unread = list?.filter((conversation) => conversation.unread > 0).length ?? 0;
	useEffect(() => {
		document.title = unread === 0 ? words.app : words.titleWithUnread(unread);
	}, [unread]);
}
