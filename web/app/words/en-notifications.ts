/** Being told of messages while nobody looks. */

export const notifications = {
	title: "Notifications",
	/** The service worker says the same without these words (`web/offline`). */
	newMessages: "New messages",
	from: (who: string, title: string | undefined) => (title === undefined ? who : `${who}, ${title}`),
	lead: "This browser can tell you of new messages while you do not look at Troth.",
	turnOn: "Turn on notifications",
	turnOff: "Turn off notifications",
	isOn: "Notifications are on.",
	isOff: "Notifications are off.",
	reach: {
		woken: "Also while Troth is closed, as long as this browser runs.",
		"not-by-server": "While Troth is open in a tab. This server wakes no browsers.",
		"not-by-browser": "While Troth is open in a tab. This browser could not be reached by its maker’s push service.",
	},
	unable: "This browser can not show notifications here.",
	denied:
		"You told this browser not to show notifications of this site. Only you can change that, in the browser’s settings for this site.",
	previews: "Show who wrote, and what",
	previewsText:
		"On the screen of this device, for whoever sees it. While Troth is closed nothing can be decrypted, so then it always says “New messages”.",
	whoLearns: "Who learns what",
	facts: [
		"To wake a browser, the server asks the push service of the browser’s maker (Google, Mozilla, Apple or Microsoft). That company learns that something came for this browser, and when",
		"It does not learn who wrote, to whom, in which chat or what: a wake-up is empty, and all of them look the same",
		"You are woken once, until you were here again. People you blocked wake nobody",
	],
};
