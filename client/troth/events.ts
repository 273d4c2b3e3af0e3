/** How a message of the device looks as a line of `listen`, `history` and `export`. */
import type { MessageView, Person } from "../device/api.ts";

/** The line for programs. `type` is one of message, member, gap, unreadable, warning. */
export function eventOf(message: MessageView): Readonly<Record<string, unknown>> {
	const { conversation, seq, id, sender, timeMs, body, delivery } = message;
	const from =
		sender === undefined
			? undefined
			: { account: sender.account, name: sender.name, phone: sender.phone, self: sender.self };
	const common = { conversation, ...(seq !== undefined && { seq }), ...(from !== undefined && { from }), time: timeMs };
	switch (body.kind) {
		case "text":
			return {
				type: "message",
				id,
				...common,
				text: body.text,
				...(body.replyTo !== undefined && { replyTo: body.replyTo }),
				...(delivery !== undefined && { delivery: delivery.state }),
				...(body.business !== undefined && { purpose: body.business.purpose, template: body.business.template?.name }),
			};
		case "gap":
			return { type: "gap", ...common, reason: body.reason, count: body.count };
		case "unreadable":
			return { type: "unreadable", ...common, code: body.code };
		case "created":
			return { type: "member", action: "created", ...common };
		case "added":
		case "removed":
		case "left":
			return {
				type: "member",
				action: body.kind,
				...common,
				who: body.who.map(({ account, name, phone }) => ({ account, name, phone })),
			};
		case "renamed":
			return { type: "member", action: "renamed", ...common, name: body.name };
		case "number-changed":
			return {
				type: "member",
				action: "number-changed",
				...common,
				...(body.phone !== undefined && { phone: body.phone }),
			};
		case "keys-changed":
			return {
				type: "warning",
				warning: "keys-changed",
				...(body.what !== undefined && { what: body.what }),
				...common,
				who: body.who.map(({ account, name, phone }) => ({ account, name, phone })),
			};
		case "forked":
			return { type: "warning", warning: "forked", ...common };
		case "restarted":
			return { type: "member", action: "restarted", ...common };
	}
}

/** The line for people; `where` names the conversation, where more than one is shown. */
export function describeMessage(message: MessageView, where = ""): string {
	const time = new Date(message.timeMs).toISOString().slice(0, 16).replace("T", " ");
	return `${time}  ${where === "" ? "" : `[${where}] `}${describeBody(message)}`;
}

/** What it says, without the time. */
export function describeBody({ sender, body, delivery }: MessageView): string {
	const who = sender === undefined ? "" : nameOf(sender);
	switch (body.kind) {
		case "text":
			return `${who}: ${body.text}${delivery === undefined ? "" : `  [${delivery.state}]`}`;
		case "gap":
			return body.reason === "before"
				? "messages from before this device came in may be missing"
				: `${body.count} messages can no longer be had (${body.reason})`;
		case "unreadable":
			return `a message from ${who || "someone"} that can not be read (${body.code})`;
		case "created":
			return `${who} began this conversation`;
		case "added":
			return who === "" ? `${listed(body.who)} joined` : `${who} added ${listed(body.who)}`;
		case "removed":
			return who === "" ? `${listed(body.who)} went` : `${who} removed ${listed(body.who)}`;
		case "left":
			return `${listed(body.who)} left`;
		case "renamed":
			return `${who} named it “${body.name}”`;
		case "number-changed":
			return body.phone === undefined ? `${who} has another number` : `${who} has another number: ${body.phone}`;
		case "keys-changed":
			return `${KEYS_CHANGED[body.what ?? "key"](listed(body.who))}: compare the safety number (troth verify)`;
		case "forked":
			return "members hold different histories of this conversation: the server may be lying (troth restart)";
		case "restarted":
			return `${who} began this conversation anew`;
	}
}

const KEYS_CHANGED = {
	key: (who: string) => `the server shows another key for ${who}`,
	devices: (who: string) => `the devices of ${who} changed`,
	number: (who: string) => `the number of ${who} belongs to another account now`,
	unlisted: (who: string) =>
		`a device that is not in the list of ${who} is in this conversation, the server does not let it be removed, and nothing more is sent`,
	"left-out": (who: string) => `the new account of ${who} is not in this group; an admin can add it`,
} as const;

function listed(people: readonly Person[]): string {
	return people.map(nameOf).join(", ");
}

/** What a person is called here. */
export function nameOf(person: Person): string {
	return person.self ? "you" : (person.name ?? person.phone ?? person.account);
}
