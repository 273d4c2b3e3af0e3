/**
 * Hands codes to an HTTP endpoint of the operator's own, which sends them however it likes: a modem, a provider without
 * an adapter, a letter. Signed as Standard Webhooks says (github.com/standard-webhooks): HMAC-SHA256 over
 * `id.timestamp.body`, in the header `webhook-signature` as `v1,<base64>`.
 */
import { createHmac, randomUUID } from "node:crypto";
import type { Clock, PhoneNumber } from "@troth/protocol";
import { codeSpeech, codeText } from "./message.ts";
import { type CodeChannel, CodeSendError, type CodeSender } from "./port.ts";
import { askProvider } from "./provider-request.ts";

export interface WebhookOptions {
	readonly clock: Clock;
	/** http only for loopback addresses: the body contains the code. */
	readonly url: string;
	/** The shared secret: `whsec_` and base64, or any text. */
	readonly secret: string;
	/** The messenger's public origin. */
	readonly origin: string;
}

const SECRET_PREFIX = "whsec_";
const TOO_MANY = 429;
/** What the endpoint says of a number that it can not reach. */
const UNPROCESSABLE = 422;

export class WebhookCodeSender implements CodeSender {
	readonly development = false;
	readonly voice = true;
	readonly #options: WebhookOptions;
	readonly #key: Buffer;

	constructor(options: WebhookOptions) {
		this.#options = options;
		const { secret } = options;
		this.#key = secret.startsWith(SECRET_PREFIX)
			? Buffer.from(secret.slice(SECRET_PREFIX.length), "base64")
			: Buffer.from(secret);
	}

	/** 2xx: taken. 422: this number can not be reached. 429: too many. Everything else is refused. */
	async send(phone: PhoneNumber, code: string, channel: CodeChannel): Promise<void> {
		const { clock, url, origin } = this.#options;
		const id = `msg_${randomUUID()}`;
		const timestamp = Math.floor(clock.now() / 1000).toString();
		const text = channel === "sms" ? codeText(code, origin) : codeSpeech(code);
		const body = JSON.stringify({ type: "code", to: phone, channel, code, text });
		const signature = createHmac("sha256", this.#key).update(`${id}.${timestamp}.${body}`).digest("base64");
		const { status } = await askProvider(
			url,
			{
				"content-type": "application/json",
				"webhook-id": id,
				"webhook-timestamp": timestamp,
				"webhook-signature": `v1,${signature}`,
			},
			body,
		);
		if (status >= 200 && status < 300) return;
		if (status === UNPROCESSABLE)
			throw new CodeSendError("NUMBER_UNREACHABLE", "the endpoint can not reach the number");
		if (status === TOO_MANY) throw new CodeSendError("TOO_MANY", "the endpoint wants less at once");
		throw new CodeSendError("REFUSED", `the endpoint answered ${status}`);
	}
}
