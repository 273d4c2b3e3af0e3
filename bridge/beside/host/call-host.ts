import { SIGNATURE_HEADER, signHostEvent } from "./sign-host-event.ts";

const ANSWER_MS = 5_000;

/** Tells the host something. False where it did not take it: whatever it answers but 2xx, and where it does not answer. */
export async function callHost(
	{ url, secret }: { readonly url: string; readonly secret: string },
	nowMs: number,
	said: object,
): Promise<boolean> {
	const body = JSON.stringify(said);
	const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: signHostEvent(secret, nowMs, body) };
	try {
		const signal = AbortSignal.timeout(ANSWER_MS);
		const response = await fetch(url, { method: "POST", headers, body, redirect: "error", signal });
		await response.body?.cancel();
		return response.ok;
	} catch {
		return false;
	}
}
