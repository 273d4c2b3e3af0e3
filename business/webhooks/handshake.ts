/** Before a webhook goes anywhere, whoever answers there shows that they know the verify token. */
import { randomBytes, timingSafeEqual } from "node:crypto";

export type WebhookErrorCode = "NOT_A_URL" | "HANDSHAKE_REFUSED" | "UNREACHABLE";

export class WebhookError extends Error {
	override readonly name = "WebhookError";
	readonly code: WebhookErrorCode;
	constructor(code: WebhookErrorCode, message: string, options: { cause?: unknown } = {}) {
		super(message, options);
		this.code = code;
	}
}

const ANSWER_MS = 10_000;

/** Resolves when the receiver has answered with exactly the challenge. Rejects with WebhookError. */
export async function shakeHands(target: string, verifyToken: string): Promise<void> {
	const url = URL.canParse(target) ? new URL(target) : undefined;
	if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:"))
		throw new WebhookError("NOT_A_URL", "the webhook's address is no http(s) URL");
	const challenge = randomBytes(8).readBigUInt64BE().toString();
	url.searchParams.set("hub.mode", "subscribe");
	url.searchParams.set("hub.challenge", challenge);
	url.searchParams.set("hub.verify_token", verifyToken);
	const answer = await ask(url);
	const [given, expected] = [Buffer.from(answer.body), Buffer.from(challenge)];
	if (answer.status !== 200 || given.length !== expected.length || !timingSafeEqual(given, expected))
		throw new WebhookError(
			"HANDSHAKE_REFUSED",
			`the webhook's receiver did not answer the challenge (${answer.status})`,
		);
}

async function ask(url: URL): Promise<{ readonly status: number; readonly body: string }> {
	try {
		const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MS) });
		return { status: response.status, body: await response.text() };
	} catch (cause) {
		throw new WebhookError("UNREACHABLE", "the webhook's receiver can not be reached", { cause });
	}
}
