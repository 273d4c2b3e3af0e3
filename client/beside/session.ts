/** How a page beside a host opens its session, and what the service says to it outside the contract. */
import { sha256 } from "@noble/hashes/sha2.js";
import { type AccountId, type DeviceId, Refusal, toHex } from "@troth/protocol";
import type { DeviceFacts } from "../device/facts.ts";
import type { DevicePorts } from "../device/ports.ts";
import type { KeyStore } from "./keys.ts";

export interface Surroundings {
	/** Of the service, e.g. "https://consent.example". */
	readonly origin: string;
	readonly fetch: typeof fetch;
	readonly store: KeyStore;
	readonly random: DevicePorts["random"];
	/** What is handed over with a link. */
	readonly facts: DeviceFacts;
	/** The host's word who is logged in; asked again when a session is over. */
	readonly token: () => Promise<string>;
}

/** What the service said about this browser (`bridge/beside/http/session.ts`). */
export interface Opened {
	readonly session: string;
	readonly account: AccountId;
	readonly device: DeviceId;
	readonly root: string | null;
	readonly locale: string | null;
}

/** Whom a token is about, to find this browser's keys again: the service alone decides whether it is true. */
export function nameIn(token: string): string {
	try {
		const payload = token.split(".")[1] ?? "";
		const text = atob(payload.replaceAll("-", "+").replaceAll("_", "/"));
		const { sub } = JSON.parse(text) as { sub?: unknown };
		return toHex(sha256(new TextEncoder().encode(String(sub))));
	} catch {
		throw new Refusal("UNAUTHENTICATED", "the host's token is none");
	}
}

/** Rejects with UNAUTHENTICATED or UNAVAILABLE. */
export async function post<Answer>(
	{ origin, fetch }: Surroundings,
	path: string,
	session: string | undefined,
	body: unknown,
): Promise<Answer> {
	const response = await fetch(`${origin}${path}`, {
		method: "POST",
		headers: { "content-type": "application/json", ...(session !== undefined && bearer(session)) },
		body: JSON.stringify(body),
	});
	return answerOf(response);
}

/** Rejects with UNAUTHENTICATED or UNAVAILABLE. */
export async function read<Answer>({ origin, fetch }: Surroundings, path: string, session: string): Promise<Answer> {
	return answerOf(await fetch(`${origin}${path}`, { headers: bearer(session) }));
}

function bearer(session: string) {
	return { authorization: `Bearer ${session}` };
}

async function answerOf<Answer>(response: Response): Promise<Answer> {
	if (response.status === 401) throw new Refusal("UNAUTHENTICATED", "the session is over");
	if (!response.ok) throw new Refusal("UNAVAILABLE", "the service does not answer now");
	return (await response.json()) as Answer;
}
