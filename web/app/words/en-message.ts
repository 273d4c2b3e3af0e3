/** What stands at messages, and between them. */
import { count, type Named, object, subject, wasOrWere } from "./en-grammar.ts";

export const message = {
	by: (name: string, text: string) => `${name}: ${text}`,
	actions: (name: string) => `Actions for the message by ${name}`,
	reply: "Reply",
	copy: "Copy text",
	copied: "Copied",
	details: "Details",
	repliedTo: (name: string) => `Reply to ${name}`,
	replyGone: "That message is not on this device.",
	earlier: "An earlier message",
	jumpTo: "Show the message this answers",
	way: {
		waiting: "Sending",
		stored: "Sent",
		delivered: "Delivered",
		read: "Read",
		failed: "Not sent",
	},
	wayLong: {
		waiting: "On this device, waiting for the connection",
		stored: "The server has it, their device does not have it yet",
		delivered: "It is on their device",
		read: "They have seen it",
		failed: "It was not sent",
	},
	failed: (reason: string) => `Not sent. ${reason}`,
	sendAgain: "Send again",
	detailsTitle: "Message details",
	detailsTime: "Time",
	detailsState: "State",
	detailsPlace: "Place in the chat",
	detailsBy: "From",
};

export const notice = {
	created: (by: Named | undefined) =>
		by === undefined ? "This conversation was created" : `${subject([by])} created this conversation`,
	added: (by: Named | undefined, who: readonly Named[]) =>
		by === undefined ? `${subject(who)} joined` : `${subject([by])} added ${object(who)}`,
	removed: (by: Named | undefined, who: readonly Named[]) =>
		by === undefined ? `${subject(who)} ${wasOrWere(who)} removed` : `${subject([by])} removed ${object(who)}`,
	left: (who: readonly Named[]) => `${subject(who)} left`,
	numberChanged: (who: readonly Named[], phone: string | undefined) =>
		phone === undefined ? `${subject(who)} changed their number` : `${subject(who)} changed their number to ${phone}`,
	renamed: (by: Named | undefined, name: string) =>
		by === undefined ? `The group is now called “${name}”` : `${subject([by])} named the group “${name}”`,
	forked: "Members of this chat hold different histories",
	forkedText:
		"Someone here was shown other messages than you. This should never happen with an honest server. Do not rely on this chat until you have talked to the others some other way; then begin it anew.",
	gap: (n: number) => `${count(n, "message is", "messages are")} missing here`,
	gapBefore: "Messages from before this device came in may be missing here",
	gapReason: {
		expired: "This device was away longer than the server keeps undelivered messages.",
		cap: "More messages waited for this device than the server keeps for one.",
		restored: "The server was restored from a backup, and these messages were not in it.",
		before:
			"They were sent after this device was linked and before it could read along. They appear here as soon as another of your devices that has them is online.",
		missing:
			"The server left these out and gave no reason. One time may be a fault; if it happens again, ask the others what you did not get.",
	},
	unreadable: "A message here could not be read",
	unreadableText:
		"It arrived, but this device has no key that opens it. Ask the sender to send it again. The messages after it are not affected.",
	explain: "What does this mean?",
};
