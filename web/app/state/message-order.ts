/** Merging of messages by their key, which ascends in the order shown. Pure. */
import type { MessageView } from "@troth/client/device/api.ts";

/** `messages` with `changed` in it: replaced where the key is known, else inserted in order. A closed gap is gone. */
export function withMessage(messages: readonly MessageView[], changed: MessageView): readonly MessageView[] {
	const at = lowerBound(messages, changed.key);
	const known = messages[at]?.key === changed.key;
	const closed = changed.body.kind === "gap" && changed.body.count === 0;
	return [...messages.slice(0, at), ...(closed ? [] : [changed]), ...messages.slice(known ? at + 1 : at)];
}

/** Both, ascending; where a key is in both, the one of `newer` counts. */
export function merged(older: readonly MessageView[], newer: readonly MessageView[]): readonly MessageView[] {
	const first = newer[0];
	const last = older.at(-1);
	if (first === undefined) return older;
	if (last === undefined || last.key < first.key) return [...older, ...newer];
	const byKey = new Map(older.map((message) => [message.key, message]));
	for (const message of newer) byKey.set(message.key, message);
	return [...byKey.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
}

function lowerBound(messages: readonly MessageView[], key: string): number {
	let low = 0;
	let high = messages.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((messages[middle]?.key ?? "") < key) low = middle + 1;
		else high = middle;
	}
	return low;
}
