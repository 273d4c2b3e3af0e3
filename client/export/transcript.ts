/** Conversations as pages that any browser opens, without a script and without anything from elsewhere. Pure. */
import type { MessageId } from "@troth/protocol";
import { html } from "@troth/protocol/html.ts";
import type { ConversationView, MessageView, Person } from "../device/api.ts";
import { isoTime } from "./message-json.ts";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#221a26;background:#fbf8f4}
h1{font-size:1.5rem}h2{font-size:.8rem;font-weight:600;color:#6b6070;margin:2rem 0 .5rem;text-align:center}
p{margin:.35rem 0;white-space:pre-wrap;overflow-wrap:anywhere}time{color:#6b6070;font-size:.8rem;margin-right:.6rem}
blockquote{margin:.2rem 0 .2rem 3.4rem;padding-left:.6rem;border-left:3px solid #c9b8d0;color:#6b6070;font-size:.9rem}
.notice{color:#6b6070;font-style:italic}.mine b{color:#7a2e8c}
@media(prefers-color-scheme:dark){body{color:#eee6f0;background:#18131b}h2,time,.notice,blockquote{color:#a89bae}.mine b{color:#d9a4e8}}`;

/** Up to the first message. */
export function transcriptHead(title: string, about: string): string {
	// The style is ours, and in a template it would be escaped.
	return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">${html`<title>${title}</title>`}<style>${STYLE}</style></head><body>${html`<h1>${title}</h1><p class="notice">${about}</p>`}\n`;
}

export const TRANSCRIPT_END = "</body></html>\n";

/** Quotes in messages reach back so far. */
const REMEMBERED = 500;

/** Writes one conversation, message after message. */
export class Transcript {
	#day = "";
	/** What was said lately, for answers to it; oldest first. */
	readonly #said = new Map<MessageId, string>();

	line(message: MessageView): string {
		const time = isoTime(message.timeMs);
		const day = time.slice(0, 10);
		const heading = day === this.#day ? "" : html`<h2>${day}</h2>\n`;
		this.#day = day;
		return `${heading}${this.#paragraph(message, time.slice(11, 16))}\n`;
	}

	#paragraph(message: MessageView, time: string): string {
		const { body, sender, id, delivery } = message;
		if (body.kind !== "text") return html`<p class="notice"><time>${time}</time>${noticeText(message)}</p>`.text;
		const who = sender === undefined ? "?" : nameOf(sender);
		if (id !== undefined) this.#remember(id, `${who}: ${body.text}`);
		const answered = body.replyTo === undefined ? undefined : this.#said.get(body.replyTo);
		const failed =
			delivery?.state === "failed" ? " (not sent)" : delivery?.state === "waiting" ? " (not sent yet)" : "";
		return html`${answered !== undefined && html`<blockquote>${shortened(answered)}</blockquote>`}<p${sender?.self === true && html` class="mine"`}><time>${time}</time><b>${who}</b>  ${body.text}${failed}</p>`
			.text;
	}

	#remember(id: MessageId, text: string): void {
		this.#said.set(id, text);
		const oldest = this.#said.size > REMEMBERED ? this.#said.keys().next().value : undefined;
		if (oldest !== undefined) this.#said.delete(oldest);
	}
}

/** The first page: every conversation with a link to its transcript. */
export function indexPage(
	owner: string,
	made: string,
	conversations: readonly { readonly view: ConversationView; readonly messages: number; readonly path: string }[],
): string {
	const rows = conversations.map(
		({ view, messages, path }) =>
			html`<p><a href="${path}">${titleOf(view)}</a> <time>${messages} messages, until ${isoTime(view.activityMs).slice(0, 10)}</time></p>\n`,
	);
	const about = `Exported ${made.slice(0, 10)}. README.txt says what else is here.`;
	return `${transcriptHead(`Conversations of ${owner}`, about)}${html`${rows}`}${TRANSCRIPT_END}`;
}

export function titleOf({ title, id }: Pick<ConversationView, "title" | "id">): string {
	return title === "" ? `Conversation ${id.slice(0, 8)}` : title;
}

function shortened(text: string): string {
	return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

function nameOf(person: Person): string {
	return person.name ?? person.phone ?? person.account.slice(0, 8);
}

function noticeText({ body, sender }: MessageView): string {
	const by = sender === undefined ? "Somebody" : nameOf(sender);
	const listed = "who" in body ? body.who.map(nameOf).join(", ") : "";
	switch (body.kind) {
		case "text":
			return body.text;
		case "gap":
			return body.reason === "before"
				? "Messages from before this device came in may be missing here."
				: `${body.count} messages are missing here (${body.reason}).`;
		case "unreadable":
			return `A message of ${by} that could not be read (${body.code}).`;
		case "created":
			return `${by} began this conversation.`;
		case "added":
			return `${listed} joined.`;
		case "removed":
			return `${listed} was removed.`;
		case "left":
			return `${listed} left.`;
		case "renamed":
			return `${by} called it “${body.name}”.`;
		case "number-changed":
			return `${listed} has another number.`;
		case "keys-changed":
			return `The keys of ${listed} changed.`;
		case "forked":
			return "Members were shown different histories.";
		case "restarted":
			return "It went on in a new group from here.";
	}
}
