/** How far an own message is, from where everybody else's positions are. Pure. */
import type { ConversationView, Delivery, MessageView } from "@troth/client/device/api.ts";

/**
 * The message's state by the newest positions. A message that was loaded a while ago says what was true then; the
 * conversation says what is true now.
 */
export function deliveryOf(message: MessageView, conversation: ConversationView | undefined): Delivery | undefined {
	const { delivery, seq } = message;
	if (delivery === undefined || delivery.state === "waiting" || delivery.state === "failed" || seq === undefined)
		return delivery;
	const others = conversation?.members.filter(({ self }) => !self) ?? [];
	if (others.length === 0) return delivery;
	if (others.every(({ readSeq }) => readSeq >= seq)) return { state: "read" };
	if (others.every(({ deliveredSeq }) => deliveredSeq >= seq)) return { state: "delivered" };
	// Positions only grow; where the message knew more than this list of members, it was right.
	return delivery;
}
