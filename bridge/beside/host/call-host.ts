import { SIGNATURE_HEADER, signHostEvent } from "./sign-host-event.ts";

const ANSWER_MS = 5_000;

/** `refused`: it answered, and with something else than 2xx. `silent`: it did not answer, or sent elsewhere. */
export type HostAnswer = "taken" | "refused" | "silent";

/** Tells the host something. */
export async function callHost(
	{ url, secret }: { readonly url: string; readonly secret: string },
	nowMs: number,
	said: object,
): Promise<HostAnswer> {
	const body = JSON.stringify(said);
	const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signHostEvent(secret, nowMs, body) };
	try {
		const signal = AbortSignal.timeout(ANSWER_MS);
		const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
		await response.body?.cancel();
		return response.ok ? "taken" : "refused";
	} catch {
		return "silent";
	}
}
