/** The list of chats, what stands beside it, and a chat with its composer. */
import { count, list } from "./en-grammar.ts";

export const chats = {
	title: "Chats",
	landmark: "Conversations",
	search: "Search chats",
	clearSearch: "Clear the search",
	noneFound: (query: string) => `No chat matches “${query}”.`,
	newChat: "New chat",
	newChatKeys: "New chat (Ctrl K)",
	settings: "Settings",
	emptyTitle: "No chats yet",
	emptyText: "Find someone by their phone number and say hello.",
	emptyAction: "Start a chat",
	unread: (n: number) => count(n, "unread message", "unread messages"),
	you: (text: string) => `You: ${text}`,
	by: (name: string, text: string) => `${name}: ${text}`,
	typing: "typing…",
	typingName: (name: string) => `${name} is typing…`,
	noMessages: "No messages yet",
	ended: "You are no longer in this group",
};

export const nothingOpen = {
	title: "Pick a chat, or start one",
	text: "Everything you write is encrypted on this device before it leaves.",
	keys: "starts a new chat",
};

export const chat = {
	landmark: (title: string) => `Chat with ${title}`,
	messages: "Messages",
	info: "Chat info",
	more: "More",
	loadOlder: "Load older messages",
	beginning: "This is where your chat begins.",
	beginningGroup: "This is where the group begins.",
	encrypted: "Messages and names are encrypted end to end: the server cannot read them.",
	compare: "Compare the safety number",
	members: (n: number) => count(n, "member", "members"),
	verified: "Safety number confirmed",
	typing: "is typing",
	typingNames: (names: readonly string[]) => `${list.format(names)} ${names.length === 1 ? "is" : "are"} typing`,
	jumpToNewest: "Jump to the newest message",
	newBelow: (n: number) => count(n, "new message", "new messages"),
	unreadFromHere: (n: number) => count(n, "new message", "new messages"),
	heard: (name: string, text: string) => `New message from ${name}: ${text}`,
};

export const composer = {
	label: (title: string) => `Message to ${title}`,
	placeholder: "Write a message",
	send: "Send",
	replyingTo: (name: string) => `Replying to ${name}`,
	yourself: "yourself",
	cancelReply: "Do not reply",
	tooLong: "This message is too long. Please split it.",
	ended: "You are no longer in this group. What was said until then stays here.",
	blocked: (name: string) => `You blocked ${name}.`,
	unblock: "Unblock",
	cannotSend: "This device cannot send. See the notice above.",
	keysHint: "Enter sends, Shift + Enter starts a new line",
};
