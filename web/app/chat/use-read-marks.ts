/** Tells the device what was really seen: rows inside the window, while the page is in front. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { type RefObject, useCallback, useEffect, useRef } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Chat } from "../state/chat.ts";
import { useModel } from "../state/context.ts";
import type { Row } from "./rows.ts";

export interface ReadMarksOptions {
	readonly chat: Chat;
	readonly conversation: ConversationView;
	readonly rows: readonly Row[];
	readonly list: RefObject<VirtualizerHandle | null>;
	readonly scroller: RefObject<HTMLElement | null>;
}

/** Returns what to call after scrolling. */
export function useReadMarks({ chat, conversation, rows, list, scroller }: ReadMarksOptions): () => void {
	const { host } = useModel();
	const marked = useRef(0);
	const unread = conversation.unread > 0;

	const look = useCallback(() => {
		const handle = list.current;
		const element = scroller.current;
		if (handle === null || element === null || handle.viewportSize === 0 || !unread) return;
		if (document.visibilityState !== "visible" || !document.hasFocus()) return;
		// A little of the last row's foot may lie below the edge; it has been seen nevertheless.
		const bottom = handle.scrollOffset + handle.viewportSize - 24;
		const last = Math.min(handle.findItemIndex(bottom), rows.length - 1);
		const seq = newestSeq(rows, last);
		if (seq <= marked.current) return;
		marked.current = seq;
		host.markRead(chat.id, seq).catch(() => {
			marked.current = 0;
		});
	}, [host, chat, rows, list, scroller, unread]);

	useEffect(() => {
		const frame = requestAnimationFrame(look);
		addEventListener("focus", look);
		document.addEventListener("visibilitychange", look);
		return () => {
			cancelAnimationFrame(frame);
			removeEventListener("focus", look);
			document.removeEventListener("visibilitychange", look);
		};
	}, [look]);
	return look;
}

function newestSeq(rows: readonly Row[], upTo: number): number {
	for (let i = upTo; i >= 0; i--) {
		const row = rows[i];
		if ((row?.kind === "bubble" || row?.kind === "notice") && row.message.seq !== undefined) return row.message.seq;
	}
	return 0;
}
