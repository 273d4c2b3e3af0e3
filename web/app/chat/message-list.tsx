/**
 * The messages, of which only those near the window are in the page. It stays at the end while one is there, keeps its
 * place while older ones load above, and says what came below while one reads further up.
 */
import type { ConversationView, MessageView } from "@troth/client/device/api.ts";
import type { MessageId } from "@troth/protocol";
import { ChevronDown } from "lucide-react";
import { type KeyboardEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import type { Chat, ChatWindow } from "../state/chat.ts";
import { words } from "../words/words.ts";
import { Bubble, type BubbleActions } from "./bubble.tsx";
import { MessageDetails } from "./message-details.tsx";
import { Beginning, DayHeading, Notice, UnreadLine } from "./notices.tsx";
import { type Row, rowsOf, type UnreadMark, unreadMark } from "./rows.ts";
import { TypingBubble } from "./typing-bubble.tsx";
import { useBubbleActions } from "./use-bubble-actions.ts";
import { useReadMarks } from "./use-read-marks.ts";

const LOAD_OLDER_WITHIN = 600;
const AT_END_WITHIN = 48;

export interface MessageListProps {
	readonly chat: Chat;
	readonly window: ChatWindow;
	readonly conversation: ConversationView;
	readonly onReply: (message: MessageView) => void;
}

export function MessageList({ chat, window, conversation, onReply }: MessageListProps) {
	const { actions, shownKey, told, closeDetails } = useBubbleActions(chat, onReply);
	const list = useRef<VirtualizerHandle>(null);
	const scroller = useRef<HTMLDivElement>(null);
	const [unread] = useState<UnreadMark | undefined>(() => unreadMark(window.messages, conversation.unread));
	const [atEnd, setAtEnd] = useState(true);
	const rows = useMemo(
		() => rowsOf(window.messages, { conversation, complete: window.complete, unread }),
		[window, conversation, unread],
	);
	const byId = useMemo(() => {
		const found = new Map<MessageId, MessageView>();
		for (const message of window.messages) if (message.id !== undefined) found.set(message.id, message);
		return found;
	}, [window]);

	const toEnd = (smooth = false) => list.current?.scrollToIndex(rows.length - 1, { align: "end", smooth });

	// The first look: at what is new, else at the end.
	const placed = useRef(false);
	useLayoutEffect(() => {
		if (placed.current || rows.length === 0) return;
		placed.current = true;
		const newFrom = rows.findIndex(({ kind }) => kind === "unread");
		if (newFrom >= 0) list.current?.scrollToIndex(newFrom, { align: "start", offset: -72 });
		else list.current?.scrollToIndex(rows.length - 1, { align: "end" });
	}, [rows]);

	// What is added at the end is followed by who is there, and by who wrote it.
	const lastMessage = window.messages.at(-1);
	const followed = useRef(lastMessage?.key);
	useEffect(() => {
		if (lastMessage === undefined || lastMessage.key === followed.current) return;
		followed.current = lastMessage.key;
		if (atEnd || lastMessage.sender?.self === true) list.current?.scrollToIndex(rows.length - 1, { align: "end" });
	}, [lastMessage, atEnd, rows.length]);

	const newBelow = useNewBelow(window.messages, atEnd);
	const look = useReadMarks({ chat, conversation, rows, list, scroller });

	const onScroll = (offset: number) => {
		const handle = list.current;
		if (handle === null) return;
		setAtEnd(handle.scrollSize - offset - handle.viewportSize < AT_END_WITHIN);
		if (offset < LOAD_OLDER_WITHIN) void chat.loadOlder().catch(() => {});
		look();
	};

	// A message that was asked for is scrolled to once it is among the rows.
	useEffect(() => {
		const at = shownKey === undefined ? -1 : rows.findIndex(({ key }) => key === shownKey);
		if (at >= 0) list.current?.scrollToIndex(at, { align: "center" });
	}, [shownKey, rows]);

	const walk = (event: KeyboardEvent) => {
		const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
		if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
		const from = (document.activeElement as HTMLElement | null)?.dataset["row"];
		const start = from === undefined ? rows.length : rows.findIndex(({ key }) => key === from);
		for (let i = start + step; i >= 0 && i < rows.length; i += step) {
			const row = rows[i];
			if (row?.kind !== "bubble") continue;
			event.preventDefault();
			list.current?.scrollToIndex(i, { align: "nearest" });
			const focus = () => {
				const bubble = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(row.key)}"]`);
				bubble?.focus({ preventScroll: true });
				return bubble != null;
			};
			// Further away it is in the page only after the next rendering.
			if (!focus()) requestAnimationFrame(focus);
			return;
		}
	};

	return (
		<div className="relative min-h-0 flex-1">
			<div
				ref={scroller}
				role="log"
				aria-live="off"
				aria-label={words.chat.messages}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard (WCAG 2.1.1)
				tabIndex={0}
				onKeyDown={walk}
				className="flex h-full flex-col overflow-y-auto overscroll-contain outline-offset-[-3px] [overflow-anchor:none]"
			>
				<div className="grow" />
				<Virtualizer
					ref={list}
					data={rows}
					scrollRef={scroller}
					shift={window.grewAtStart}
					bufferSize={500}
					onScroll={onScroll}
					onResize={() => {
						if (atEnd) toEnd();
						look();
					}}
				>
					{(row) => (
						<div key={row.key} className="mx-auto w-full max-w-3xl px-3 sm:px-5">
							<RowView
								row={row}
								conversation={conversation}
								shown={row.key === shownKey}
								quoted={row.kind === "bubble" ? quotedBy(row.message, byId) : undefined}
								actions={actions}
							/>
						</div>
					)}
				</Virtualizer>
			</div>
			{told !== undefined && <MessageDetails message={told} conversation={conversation} onClose={closeDetails} />}
			{!atEnd && (
				<button
					type="button"
					onClick={() => toEnd(!matchMedia("(prefers-reduced-motion: reduce)").matches)}
					aria-label={newBelow > 0 ? words.chat.newBelow(newBelow) : words.chat.jumpToNewest}
					className="absolute right-4 bottom-4 inline-flex h-11 min-w-11 animate-rise items-center justify-center gap-1.5 rounded-full border border-line bg-raised px-3 font-semibold text-plum text-sm shadow-raised hover:bg-plum-soft"
				>
					{newBelow > 0 && <span>{words.chat.newBelow(newBelow)}</span>}
					<ChevronDown size={20} aria-hidden="true" />
				</button>
			)}
		</div>
	);
}

/** Messages of others that came after one left the end. */
function useNewBelow(messages: readonly MessageView[], atEnd: boolean): number {
	const lastKey = messages.at(-1)?.key;
	const [leftAt, setLeftAt] = useState(lastKey);
	useEffect(() => {
		if (atEnd) setLeftAt(lastKey);
	}, [atEnd, lastKey]);
	if (atEnd || leftAt === undefined) return 0;
	return messages.filter(({ key, sender, body }) => key > leftAt && body.kind === "text" && sender?.self !== true)
		.length;
}

function quotedBy({ body }: MessageView, byId: ReadonlyMap<MessageId, MessageView>): MessageView | undefined {
	return body.kind === "text" && body.replyTo !== undefined ? byId.get(body.replyTo) : undefined;
}

interface RowViewProps {
	readonly row: Row;
	readonly conversation: ConversationView;
	readonly shown: boolean;
	readonly quoted: MessageView | undefined;
	readonly actions: BubbleActions;
}

function RowView({ row, conversation, ...rest }: RowViewProps) {
	switch (row.kind) {
		case "beginning":
			return <Beginning conversation={conversation} />;
		case "day":
			return <DayHeading ms={row.dayMs} />;
		case "unread":
			return <UnreadLine count={row.count} />;
		case "notice":
			return <Notice message={row.message} conversation={conversation} />;
		case "end":
			return <TypingBubble conversation={conversation} />;
		case "bubble":
			return <Bubble row={row} group={conversation.kind === "group"} mayReply={!conversation.ended} {...rest} />;
	}
}
