import { createHash } from "node:crypto";

/** What is kept of a link's token: 128 random bits are not guessed from it. Hex. */
export function linkDigest(token: Uint8Array): string {
	return createHash("sha256").update(token).digest("hex");
}
