/** A message or notice in one line, for the list, quotes and screen readers. */
import type { MessageView, Person } from "@troth/client/device/api.ts";
import type { Named } from "../words/en-grammar.ts";
import { words } from "../words/words.ts";

/** What to call this person here. */
export function nameOf(person: Person | undefined): string {
	if (person === undefined) return words.common.unknownPerson;
	if (person.self) return words.common.you;
	return person.name ?? person.phone ?? words.common.unknownPerson;
}

/**
 * The text, or what a notice says.
 * @param titleOf writes people that are known by their number only
 */
export function previewOf({ body, sender }: MessageView, titleOf = (title: string) => title): string {
	const { notice, trust } = words;
	const named = (person: Person): Named => ({ name: titleOf(nameOf(person)), self: person.self });
	const by = sender === undefined ? undefined : named(sender);
	switch (body.kind) {
		case "text":
			return body.text.replaceAll(/\s+/g, " ").trim();
		case "created":
			return notice.created(by);
		case "added":
			return notice.added(by, body.who.map(named));
		case "removed":
			return notice.removed(by, body.who.map(named));
		case "left":
			return notice.left(body.who.map(named));
		case "renamed":
			return notice.renamed(by, body.name);
		case "number-changed":
			return notice.numberChanged(body.who.map(named), body.phone === undefined ? undefined : titleOf(body.phone));
		case "keys-changed":
			return trust.keysChanged[body.what ?? "key"](body.who.map(named));
		case "forked":
			return notice.forked;
		case "restarted":
			return trust.restarted(by);
		case "gap":
			return body.reason === "before" ? notice.gapBefore : notice.gap(body.count);
		case "unreadable":
			return notice.unreadable;
	}
}
