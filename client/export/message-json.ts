/** A line of a conversation as the export writes it. Pure. `docs/export.md` and `schemas.ts` say the same. */
import type { MessageBody, MessageView, Person } from "../device/api.ts";

/** One element of `messages.json`. */
export function messageJson({
	id,
	seq,
	sender,
	timeMs,
	body,
	delivery,
}: MessageView): Readonly<Record<string, unknown>> {
	return {
		type: body.kind,
		...(id !== undefined && { id }),
		...(seq !== undefined && { seq }),
		time: isoTime(timeMs),
		...(sender !== undefined && { from: sender.account }),
		...bodyJson(body),
		...(delivery !== undefined && { delivery: delivery.state }),
		...(delivery?.state === "failed" && { failed: delivery.code }),
	};
}

function bodyJson(body: MessageBody): Readonly<Record<string, unknown>> {
	switch (body.kind) {
		case "text":
			return {
				text: body.text,
				...(body.replyTo !== undefined && { replyTo: body.replyTo }),
				...(body.business !== undefined && { business: body.business }),
			};
		case "gap":
			return { reason: body.reason, count: body.count };
		case "unreadable":
			return { code: body.code };
		case "renamed":
			return { name: body.name };
		case "created":
		case "forked":
		case "restarted":
			return {};
		case "keys-changed":
			return { who: accounts(body.who), ...(body.what !== undefined && { what: body.what }) };
		case "number-changed":
			return { who: accounts(body.who), ...(body.phone !== undefined && { phone: body.phone }) };
		case "added":
		case "removed":
		case "left":
			return { who: accounts(body.who) };
	}
}

const accounts = (people: readonly Person[]) => people.map(({ account }) => account);

/** UTC, ISO 8601. */
export function isoTime(timeMs: number): string {
	return new Date(timeMs).toISOString();
}
