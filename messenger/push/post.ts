/**
 * One wake-up on its way (RFC 8030): a POST without a body, and with nothing in its headers that says who writes to whom,
 * in which chat, or how much. The only place of the messenger that connects to where a device wants it to.
 */
import http from "node:http";
import https, { type RequestOptions } from "node:https";
import { publicLookup, type Resolve } from "./public-lookup.ts";
import type { PushEndpoint } from "./services.ts";

const ANSWER_MS = 10_000;
/** The service keeps it for a device that is off for so long: four weeks, about as long as we keep entries. */
const TTL_SECONDS = 28 * 24 * 3600;

/** Equal for all and always: a wake-up that still waits is replaced by a later one (RFC 8030 section 5.4). */
const TOPIC = "new";

export type PushAnswer =
	| { readonly kind: "answered"; readonly status: number; readonly retryAfter: string | undefined }
	/** No connection, none that is allowed, or no answer in time. */
	| { readonly kind: "unreachable" };

/** Asks once; never rejects. Redirects are not followed. */
export function postWakeUp(
	{ url, named }: PushEndpoint,
	authorization: string,
	resolve?: Resolve,
): Promise<PushAnswer> {
	const options: RequestOptions = {
		method: "POST",
		headers: {
			authorization,
			ttl: TTL_SECONDS,
			topic: TOPIC,
			// A person waits for it, and it is sent only when something for them is there.
			urgency: "high",
			"content-length": 0,
		},
		signal: AbortSignal.timeout(ANSWER_MS),
		...(!named && { lookup: publicLookup(resolve) }),
	};
	const { promise, resolve: done } = Promise.withResolvers<PushAnswer>();
	const asked = url.protocol === "http:" ? http.request(url, options) : https.request(url, options);
	asked.on("response", (response) => {
		const retryAfter = response.headers["retry-after"];
		done({ kind: "answered", status: response.statusCode ?? 0, retryAfter });
		// What else it says is of no interest, and may be long.
		response.destroy();
	});
	asked.on("error", () => done({ kind: "unreachable" }));
	asked.end();
	return promise;
}
