/** How a host says who is logged in: a JWT of its own, without a library. */
import { createHmac } from "node:crypto";

const LIFE_S = 120;

export interface HostClaims {
	/** The host's own id of the person. */
	readonly id: string;
	readonly locale?: string;
}

/** @param audience the bridge's address, as its config file says it */
export function hostToken(secret: string, audience: string, nowMs: number, { id, locale }: HostClaims): string {
	const now = Math.floor(nowMs / 1000);
	const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
	const claims = { sub: id, aud: audience, iat: now, exp: now + LIFE_S, jti: crypto.randomUUID(), locale };
	const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
	return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}
