/** The token of a call and the proof that its sender also has the app's secret. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { GraphError } from "./graph-error.ts";
import type { Parameters } from "./parameters.ts";

/** From the parameter (query or body) or the header. Throws GraphError where there is none. */
export function readToken(parameters: Parameters, authorization: string | undefined): string {
	const parameter = parameters.get("access_token");
	if (typeof parameter === "string" && parameter !== "") return parameter;
	const bearer = /^Bearer\s+(\S+)$/i.exec(authorization ?? "")?.[1];
	if (bearer === undefined) throw new GraphError("badToken", "an access token is required");
	return bearer;
}

/**
 * A proof that is given has to be right, in one of two forms: HMAC-SHA256 of the token, or of `token|unix seconds`
 * with `appsecret_time`. The time is not held against the clock: a proof travels with its token, and one is worth
 * nothing without the other. Throws GraphError.
 */
export function checkAppSecretProof(parameters: Parameters, token: string, appSecret: string): void {
	const proof = parameters.get("appsecret_proof");
	if (proof === undefined) return;
	const time = parameters.get("appsecret_time");
	const message = time === undefined ? token : `${token}|${String(time)}`;
	const expected = createHmac("sha256", appSecret).update(message).digest();
	const given = typeof proof === "string" && /^[0-9a-f]{64}$/i.test(proof) ? Buffer.from(proof, "hex") : undefined;
	if (given === undefined || !timingSafeEqual(given, expected)) {
		throw new GraphError("invalidParameter", "invalid appsecret_proof provided in the API argument");
	}
}
