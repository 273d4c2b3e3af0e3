/** The versions that a log of policies has: each entry is the canonical JSON of one. */
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson, type Json, toHex } from "@troth/protocol";
import { ProofError } from "../proof-error.ts";

export interface LoggedPolicy {
	readonly version: number;
	/** SHA-256 of the entry, hex: what people accept and consents name. */
	readonly hash: string;
	readonly file: Readonly<Record<string, unknown>>;
}

/** Is this the name of a log of policies? */
export function isPolicyLog(origin: string): boolean {
	return origin.endsWith("/policy");
}

/**
 * Reads all entries of a log of policies. Throws ProofError (RECORD_INVALID) where one is no policy in canonical form, or
 * does not have a higher number than the one before it: then two people were shown two policies under one number.
 */
export function readPolicyLog(entries: readonly Uint8Array[]): readonly LoggedPolicy[] {
	let last = 0;
	return entries.map((entry, index) => {
		const file = readCanonical(entry);
		const version = file?.["version"];
		if (file === undefined || typeof version !== "number" || !Number.isSafeInteger(version) || version <= last)
			throw new ProofError("RECORD_INVALID", `entry ${index} of the log of policies is no next version of a policy`);
		last = version;
		return { version, hash: toHex(sha256(entry)), file };
	});
}

function readCanonical(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
	try {
		const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
		const value: unknown = JSON.parse(text);
		const isFile = typeof value === "object" && value !== null && !Array.isArray(value);
		return isFile && canonicalJson(value as Json) === text ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
