/** Who is here, who may see it, and what comes while nobody looks. */

export const presence = {
	online: "online",
	lastSeenToday: (time: string) => `last seen today at ${time}`,
	lastSeenYesterday: (time: string) => `last seen yesterday at ${time}`,
	lastSeenOn: (day: string, time: string) => `last seen ${day} at ${time}`,
};

export const privacy = {
	title: "Who can see what",
	lead: "People you blocked see none of this.",
	lastSeen: "When you are here",
	lastSeenText:
		"That you are online, and when you were here last, to the minute. It is mutual: you see it of those who can see yours. Businesses never do.",
	audiences: {
		everyone: "Everyone you have a chat with",
		contacts: "My contacts",
		nobody: "Nobody",
	},
	contacts:
		"Your contacts are the people you wrote to in a chat of two, and those you imported. Somebody who only wrote to you is none.",
	kept: "The server keeps the minute you were here last and who may see it, nothing more: no history. Choose “Nobody”, and the minute is forgotten.",
};
