/** What `POST /{phone}/messages` takes: a message, or the news that one was read. */
import * as v from "valibot";
import { CloudError } from "./errors.ts";
import { digitsOf } from "./identifiers.ts";
import { ENVELOPE, INSIDE, readBody } from "./read-body.ts";
import { readTemplateRequest, type TemplateRequest } from "./template-request.ts";

const LONGEST_TEXT = 4096;
const CALLBACK_BYTES = 512;

export interface ReadRequest {
	readonly kind: "read";
	readonly wamid: string;
	readonly typing: boolean;
}

export interface SendRequest {
	readonly kind: "send";
	/** As it was written, for the answer. */
	readonly input: string;
	readonly digits: string;
	readonly repliesTo: string | undefined;
	readonly callback: string | undefined;
	readonly message: TextRequest | TemplateRequest;
}

export interface TextRequest {
	readonly kind: "text";
	readonly text: string;
}

const Product = v.object({ messaging_product: v.literal("whatsapp") });
const Act = v.object({
	status: v.literal("read"),
	message_id: v.string(),
	typing_indicator: v.optional(v.object({ type: v.literal("text") })),
});
const Address = v.union([v.string(), v.number()]);
const Envelope = v.object({
	to: v.optional(Address),
	recipient: v.optional(Address),
	recipient_type: v.optional(v.literal("individual")),
	type: v.optional(v.string(), "text"),
	context: v.optional(v.object({ message_id: v.string() })),
	biz_opaque_callback_data: v.optional(v.string()),
});
const Text = v.object({
	body: v.pipe(v.string(), v.minLength(1), v.maxLength(LONGEST_TEXT)),
	preview_url: v.optional(v.boolean()),
});

/** Throws CloudError: 100, 131008, 131009, 131051. */
export function readMessageRequest(body: unknown): ReadRequest | SendRequest {
	readBody(Product, body, ENVELOPE);
	if (isAct(body)) {
		const { message_id: wamid, typing_indicator } = readBody(Act, body, INSIDE);
		return { kind: "read", wamid, typing: typing_indicator !== undefined };
	}
	const envelope = readBody(Envelope, body, ENVELOPE);
	const to = envelope.to ?? envelope.recipient;
	if (to === undefined) throw new CloudError(100, "the parameter to is required");
	const input = to.toString();
	const digits = digitsOf(input);
	if (digits === undefined) throw new CloudError(131009, "the parameter to is no phone number and no user id");
	const callback = envelope.biz_opaque_callback_data;
	if (callback !== undefined && Buffer.byteLength(callback) > CALLBACK_BYTES)
		throw new CloudError(131009, `the parameter biz_opaque_callback_data is longer than ${CALLBACK_BYTES} bytes`);
	const message = readTyped(envelope.type, body as Readonly<Record<string, unknown>>);
	return { kind: "send", input, digits, repliesTo: envelope.context?.message_id, callback, message };
}

function isAct(body: unknown): boolean {
	return typeof body === "object" && body !== null && "status" in body;
}

function readTyped(type: string, body: Readonly<Record<string, unknown>>): TextRequest | TemplateRequest {
	switch (type) {
		case "text": {
			const { text } = readBody(v.object({ text: Text }), body, INSIDE);
			return { kind: "text", text: text.body };
		}
		case "template":
			return readTemplateRequest(body["template"]);
		default:
			throw new CloudError(131051, "this gateway sends text and template messages");
	}
}
