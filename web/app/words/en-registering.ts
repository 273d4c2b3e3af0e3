/** How one comes in: the welcome, the number, its code, a name. */
import { count } from "./en-grammar.ts";

export const welcome = {
	headline: "A messenger that keeps its word.",
	points: [
		{
			title: "Only you can read it",
			text: "Messages are encrypted on your device for the devices of the people in the chat, and for nobody else.",
		},
		{ title: "No ads", text: "Not in the app, not between your messages, not from anyone." },
		{ title: "Nothing happens behind your back", text: "The terms say what is done with your data, and you decide." },
	],
	step: (step: number, of: number) => `Step ${step} of ${of}`,
};

export const number = {
	title: "What is your phone number?",
	text: "People who know your number can find you with it. We send a code to it to see that it is yours.",
	label: "Phone number",
	hint: "With country code, for example +1 555 010 0001",
	country: (name: string) => name,
	submit: "Send me a code",
	sending: "Sending…",
};

export const code = {
	title: "Enter the code",
	text: (phone: string) => `We sent a code with 6 digits to ${phone}.`,
	label: "Code with 6 digits",
	development: "This server has no text message provider. It prints the code on its console.",
	wrong: (left: number) => `That is not the code. ${count(left, "try", "tries")} left.`,
	resend: "Send a new code",
	resendIn: (seconds: number) => `New code in ${seconds} s`,
	resent: "A new code is on its way.",
	call: "Call me instead",
	called: "We are calling you with a new code.",
	otherNumber: "Use another number",
	checking: "Checking the code…",
};

export const name = {
	title: "What should people call you?",
	text: "Your name is encrypted too. Only people you chat with can see it.",
	label: "Your name",
	replacesTitle: "This number is already registered here",
	replacesText:
		"If you go on, a new account with new keys takes the number over. Earlier chats do not come along, and the old account's devices are signed out. People you chat with see that your keys changed.",
	submit: "Create my account",
	creating: "Making your keys…",
};
