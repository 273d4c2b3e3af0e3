/** A number that is held by a PIN. */
import { count } from "./en-grammar.ts";

export const registrationLock = {
	title: "Registration lock",
	lead: "A code is sent to a number when somebody registers it. Whoever gets hold of your number for a while, by a copied SIM card or by talking the code out of you, could take it from this account. A PIN stops them.",
	facts: [
		"Your number is asked for the PIN when it is registered anew or given to another account",
		"Five wrong PINs, and there is no further try for a day",
		"The lock holds while one of your devices was here within the last seven days: after that the number is free for whoever has it then",
	],
	how: "How it works",
	label: "PIN",
	hint: "4 to 20 letters and digits. Nobody can tell it to you again: remember it, or set a new one here.",
	set: "Hold my number with this PIN",
	change: "Change the PIN",
	remove: "Remove the lock",
	on: "Your number is held by a PIN.",
	off: "Whoever gets a code for your number can register it.",
	wasSet: "The PIN holds your number from now on.",
	wasRemoved: "The lock is removed.",
	bad: "A PIN has 4 to 20 letters and digits.",
	askTitle: "This number is held by a PIN",
	askText: "Whoever has it here set a PIN. If that was you, enter it.",
	wrong: (left: number) => `That is not the PIN. ${count(left, "try", "tries")} left.`,
	open: "Go on",
	otherwise: (day: string) =>
		`Without the PIN the number is free on ${day} at the earliest, if its owner does not come back.`,
} as const;
