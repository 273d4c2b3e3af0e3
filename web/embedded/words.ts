/** What the embedded pages say themselves, in English. What is agreed to is in the language of the policy. */
export const say = {
	noticeTitle: (title: string, again: boolean) =>
		again ? `${title}: the terms of sharing are changing` : `What ${title} would like to share`,
	inShort: "In short",
	whole: (title: string) => `${title}, the whole text`,
	twoDecisions:
		"Accepting the terms is one thing, sharing is another. Whatever you choose below, the rest works the same.",
	acceptAndSave: (version: number) => `Accept version ${version} and save`,
	later: "Not now",
	daysLeft: (left: string) => `You have time until then: ${left}.`,
	done: "Saved and signed in this browser. You find your choices in the settings whenever you like.",
	settingsTitle: "Sharing",
	settingsLead: "Each purpose is a choice of its own. One touch changes it, and a no calls back what was shared.",
	notAcceptedYet: "You have not accepted the terms of sharing. Nothing is shared, and nothing is asked for.",
	readTerms: "Read them",
	state: {
		unset: "Not answered: nothing is shared",
		granted: (day: string) => `Allowed since ${day}`,
		refused: (day: string) => `Not allowed, since ${day}`,
		withdrawn: (day: string) => `Taken back on ${day}`,
	},
	barred: "Not offered: the rules where you live, or for your age, do not allow it.",
	labels: {
		title: "What is said of your account",
		told: (title: string, companies: string) =>
			`${title} acted upon your account, and tells ${companies} why, without your number. You can object: then nobody is told any more until ${title} has looked at it again.`,
		objected: (title: string, day: string) =>
			`You objected on ${day}. Nobody is told of it, and what was told is called back, until ${title} has looked at it again.`,
		decided: (title: string, companies: string) =>
			`${title} tells ${companies} why, without your number. There is no objection here, or it was looked at already: please write to ${title}.`,
		object: "Object",
	},
	sharesTitle: "What was shared about me",
	sharesLead: "From the public log, each entry opened and verified in this browser.",
	fine: (n: number) => (n === 1 ? "One entry, verified here." : `${n} entries, all verified here.`),
	nothingShared: "Nothing was ever shared about you.",
	wrong: "Something does not verify",
	wrongText: "Keep this page as evidence, say no where you are in doubt, and ask whoever runs this site.",
	hole: (n: number) => `Entry no. ${n} of your chain was left out.`,
	otherBrowserTitle: "Your yes is signed in another browser of yours",
	otherBrowserText:
		"You can take everything back from here. To allow something, type the code which that browser shows in its settings, or start anew.",
	code: "Code of the other browser",
	carryOver: "Use this code",
	codeWrong: "This is not the code. It has six groups of five letters and digits.",
	anew: "Start anew",
	anewText:
		"If no other browser is left: everything that was shared is called back, and you begin with nothing allowed.",
	anewSure: "Call everything back and start anew",
	showCode: "Use another browser as well",
	showCodeText:
		"Type this code there, in the same place. Whoever has it can allow sharing in your name, if they can also log in as you.",
	tabs: { notice: "Terms", settings: "Choices", shares: "What was shared" },
	linkWrong:
		"It does not come from a company that something is shared with here, or it is damaged. Nothing was handed over.",
	failed: "This does not work now. Please try again.",
	untrusted: "Something about the terms or the log does not verify. Nothing was signed.",
	again: "Try again",
	over: "Please reload this page: you are no longer logged in.",
} as const;
