/** Whom and what the words of a command line mean. */
import { type ConversationId, Refusal } from "@troth/protocol";
import type { ConversationView, Device, Person } from "../device/api.ts";
import { UsageError } from "./command.ts";

/** A conversation's id is 32 hex digits; everything else is a person. */
export function isConversation(word: string): word is ConversationId {
	return /^[0-9a-f]{32}$/.test(word);
}

/** The person with this number, this "@username" or this contact link. Throws UsageError, or Refusal NOT_FOUND. */
export async function findPerson(device: Device, word: string): Promise<Person> {
	if (word.startsWith("+")) return device.find(word);
	if (word.startsWith("@")) return device.findByUsername(word);
	if (/^https?:/.test(word)) return device.acceptContactLink(word);
	throw new UsageError("a number is written like +15550100001, a username like @alice");
}

/** The conversation with this id, or the direct one with this person. Throws Refusal NOT_FOUND. */
export async function findConversation(device: Device, word: string): Promise<ConversationView> {
	const found = isConversation(word) ? await device.conversation(word) : await directWith(device, word);
	if (found === undefined) throw new Refusal("NOT_FOUND", "this device knows no such conversation");
	return found;
}

async function directWith(device: Device, word: string): Promise<ConversationView | undefined> {
	const person = await findPerson(device, word);
	return (await device.conversations()).find(
		({ kind, members }) => kind === "direct" && members.some((member) => member.account === person.account),
	);
}
