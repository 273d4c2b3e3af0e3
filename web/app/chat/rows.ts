/** From messages to the rows of a chat: days, the line above what is new, notices, and bubbles in groups. Pure. */
import type { ConversationView, Delivery, MessageView } from "@troth/client/device/api.ts";
import { deliveryOf } from "../chats/delivery.ts";
import { dayOf } from "../ui/moment.ts";

/** Bubbles of one sender belong together while no longer pause lies between them, ms. */
const PAUSE = 4 * 60 * 1000;

export interface BubbleRow {
	readonly kind: "bubble";
	readonly key: string;
	readonly message: MessageView;
	readonly own: boolean;
	readonly delivery: Delivery | undefined;
	/** First and last of its group: where the corners are round, the name stands and the time. */
	readonly first: boolean;
	readonly last: boolean;
	/** Time and state stand below it: the last of its group, or one whose state is another than the next one's. */
	readonly footed: boolean;
}

/** Do both look the same? A message that changed is another object. */
export function sameBubble(a: BubbleRow, b: BubbleRow): boolean {
	return (
		a.message === b.message &&
		a.delivery?.state === b.delivery?.state &&
		a.first === b.first &&
		a.last === b.last &&
		a.footed === b.footed
	);
}

export type Row =
	| { readonly kind: "beginning"; readonly key: string }
	| { readonly kind: "day"; readonly key: string; readonly dayMs: number }
	| { readonly kind: "unread"; readonly key: string; readonly count: number }
	| { readonly kind: "notice"; readonly key: string; readonly message: MessageView }
	| BubbleRow
	/** Always last: who is typing, or a little air above the composer. */
	| { readonly kind: "end"; readonly key: string };

export interface UnreadMark {
	/** Key of the first message that was unread when the chat was opened. */
	readonly key: string;
	readonly count: number;
}

/** Where the unread messages begin; undefined where there are none in the window. */
export function unreadMark(messages: readonly MessageView[], unread: number): UnreadMark | undefined {
	let left = unread;
	for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
		const message = messages[i];
		if (message === undefined || message.body.kind !== "text" || message.sender?.self === true) continue;
		left -= 1;
		if (left === 0) return { key: message.key, count: unread };
	}
	return undefined;
}

export interface RowOptions {
	readonly conversation: ConversationView | undefined;
	readonly complete: boolean;
	readonly unread: UnreadMark | undefined;
}

export function rowsOf(
	messages: readonly MessageView[],
	{ conversation, complete, unread }: RowOptions,
): readonly Row[] {
	const rows: Row[] = complete ? [{ kind: "beginning", key: "beginning" }] : [];
	let day: number | undefined;
	let group: MessageView[] = [];
	const endGroup = () => {
		rows.push(...bubblesOf(group, conversation));
		group = [];
	};
	for (const message of messages) {
		const messageDay = dayOf(message.timeMs);
		// Clocks of two machines differ; a message a little out of its day must not open the day before again.
		if (day === undefined || messageDay > day) {
			endGroup();
			day = messageDay;
			rows.push({ kind: "day", key: `day-${day}`, dayMs: day });
		}
		if (message.key === unread?.key) {
			endGroup();
			rows.push({ kind: "unread", key: "unread", count: unread.count });
		}
		if (message.body.kind === "text") {
			if (!continues(group.at(-1), message)) endGroup();
			group.push(message);
		} else {
			endGroup();
			rows.push({ kind: "notice", key: message.key, message });
		}
	}
	endGroup();
	rows.push({ kind: "end", key: "end" });
	return rows;
}

function continues(before: MessageView | undefined, message: MessageView): boolean {
	return before?.sender?.account === message.sender?.account && message.timeMs - (before?.timeMs ?? 0) < PAUSE;
}

function bubblesOf(group: readonly MessageView[], conversation: ConversationView | undefined): readonly BubbleRow[] {
	const deliveries = group.map((message) => deliveryOf(message, conversation));
	return group.map((message, i) => {
		const last = i === group.length - 1;
		const delivery = deliveries[i];
		return {
			kind: "bubble",
			key: message.key,
			message,
			own: message.sender?.self === true,
			delivery,
			first: i === 0,
			last,
			footed: last || delivery?.state !== deliveries[i + 1]?.state,
		};
	});
}
