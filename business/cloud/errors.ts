/**
 * Errors as Cloud API clients read them: they decide by `code`, people read `error_data.details`. Every code this
 * gateway can answer with stands in the table, and has a test of its own.
 */
import { randomBytes } from "node:crypto";

const TITLES = {
	100: "Invalid parameter",
	190: "Invalid OAuth access token",
	130429: "Rate limit hit",
	131000: "Something went wrong",
	131008: "Required parameter is missing",
	131009: "Parameter value is not valid",
	131016: "Service unavailable",
	131021: "Recipient cannot be sender",
	131026: "Message undeliverable",
	131031: "Account has been locked",
	131037: "Display name not approved",
	131047: "Re-engagement message",
	131050: "User has stopped or not allowed these messages",
	131051: "Unsupported message type",
	132000: "Number of parameters does not match the expected number of params",
	132001: "Template name does not exist in the translation",
	132005: "Translated text too long",
	132012: "Parameter format does not match format in the created template",
	132015: "Template is paused",
	132016: "Template is disabled",
} as const;

export type CloudErrorCode = keyof typeof TITLES;

/** Codes with another HTTP status than 400. */
const STATUS: Partial<Record<CloudErrorCode, number>> = { 190: 401, 131000: 500 };

export const UNKNOWN_OBJECT = 33;

export class CloudError extends Error {
	override readonly name = "CloudError";
	readonly code: CloudErrorCode;
	readonly details: string;
	readonly subcode: number | undefined;
	readonly retryAtMs: number | undefined;

	/** @param details for people, with no number or content of a message in it */
	constructor(
		code: CloudErrorCode,
		details: string,
		{ subcode, retryAtMs, cause }: { subcode?: number; retryAtMs?: number | undefined; cause?: unknown } = {},
	) {
		super(`(#${code}) ${TITLES[code]}`, cause === undefined ? undefined : { cause });
		this.code = code;
		this.details = details;
		this.subcode = subcode;
		this.retryAtMs = retryAtMs;
	}

	get status(): number {
		return STATUS[this.code] ?? 400;
	}
}

/** The body of the answer. */
export function errorEnvelope({ code, message, details, subcode }: CloudError) {
	return {
		error: {
			message,
			type: "OAuthException",
			code,
			...(subcode !== undefined && { error_subcode: subcode }),
			error_data: { messaging_product: "whatsapp", details },
			fbtrace_id: randomBytes(9).toString("base64url"),
		},
	};
}

/** The same error inside a `failed` status. */
export function webhookError({ code, details }: CloudError) {
	const title = TITLES[code];
	return { code, title, message: title, error_data: { details } };
}
