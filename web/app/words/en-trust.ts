/** What the app says about keys: who they belong to, what changed, and what can be done about it. In English. */
import { type Named, object, subject } from "./en-grammar.ts";

export const trust = {
	/** Rows of a chat. */
	keysChanged: {
		key: (who: readonly Named[]) => `The server shows another key for ${object(who)}`,
		devices: (who: readonly Named[]) =>
			who.length === 1 && who[0]?.self === true ? "Your devices changed" : `${subject(who)} changed devices`,
		number: (who: readonly Named[]) => `The number of ${object(who)} belongs to a new account`,
		unlisted: (who: readonly Named[]) => `A device that does not belong to ${object(who)} is kept in this chat`,
		"left-out": (who: readonly Named[]) => `The new account of ${object(who)} is not in this group`,
	},
	keysChangedText: {
		key: "The key that this device knows stays in use, and nobody with the other one can read here. Either something is wrong with the server, or the key you first got was not theirs. Compare to find out which.",
		devices:
			"They added or removed a device, signed with the same key as before. Your safety number stays the same. If they did not mean to, tell them.",
		number:
			"Whoever has the number now made a new account. It may be the same person with a new phone, or somebody else who was given the number.",
		unlisted:
			"It is not, or not any more, in the list of devices that their own key signed, and the server does not let it be removed. It could read along, so nothing more is sent from here. Once the server removes it, the chat goes on.",
		"left-out":
			"Only an admin of the group can add people, or they had left it before. Ask an admin to add them, if they belong here.",
	},
	restarted: (by: Named | undefined) => `${by === undefined ? "Somebody" : subject([by])} began this chat anew`,
	restartedText:
		"From here on it is a new encrypted group of the same people. Everything above stays on your devices as it was.",

	/** Above the composer. */
	banner: {
		key: (name: string) => `The server shows another key for ${name}.`,
		number: (name: string) => `The number of ${name} has a new account.`,
		verified: "You had confirmed the safety number; it is not confirmed any more.",
		look: "Compare",
		accept: "Go on with the new account",
		dismiss: "Keep the known key",
		dismissNumber: "Leave it as it is",
	},
	askTitle: (name: string) => `Send to ${name} without comparing?`,
	askText:
		"You had confirmed the safety number with them, and since then something changed. Compare first if it matters.",
	askAction: "Send anyway",
	mark: "Keys changed",

	acceptTitle: (name: string) => `Go on with the new account of ${name}?`,
	acceptText:
		"This chat continues with whoever has the number now, and in groups where you may change members the new account takes their place. Make sure that it is them: ask something that only they know, or compare the new safety number.",
	acceptKeyTitle: (name: string) => `Take the new key as that of ${name}?`,
	acceptKeyText:
		"The known key is forgotten and the chat goes on in a new group. Do this only if their own device shows the new number.",
	acceptKeyAction: "Take the new key",
	offered: "The number with the other key",
	offeredText: "If their device shows this one, the other key is theirs.",

	restart: "Begin this chat anew",
	restartTitle: "Begin this chat anew?",
	restartText:
		"A new encrypted group of the same people takes its place. What everybody has stays on their devices; messages that wait to be sent are shown as not sent.",

	code: "Their camera, or the one in their app, reads this",
	scan: "Scan their code",
	insteadOfScanning:
		"If this is a phone, point its own camera at their code: that opens the comparison here. Or close this, and paste their code or number below.",
	outcome: {
		same: "The same: nobody stands in between.",
		offered: "Their code holds the other key, the one this device refused. It is theirs.",
		differs: "Not the same. Do not trust this chat until you know why.",
		"for-another": "This is the code of somebody else, or it was made for somebody else.",
		unreadable: "This is no code of Troth.",
	},
	verifyTitle: "Compare a code",
	verifyWith: (name: string) => `The code of ${name}`,
	verifyOpen: "Show the safety number",
	verifyHint:
		"Confirm it on the next page if you read the code from their own screen. A code that came as a message proves nothing.",
	verifyUnreadable:
		"Ask them to open your chat in Troth, then its info and the safety number, and scan the code again.",
	verifyUnknown: "The person of this code is not known on this device. Find them by their number first.",
	confirmed: "The safety number is confirmed.",
} as const;
