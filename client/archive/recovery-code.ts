/**
 * What a person writes down to open a backup: 30 digits, or 64. Drawn evenly, so 30 digits hold 99 bits and 64 hold
 * 212. The shorter one is stretched as well (PBKDF2-HMAC-SHA-512, which every platform has natively); the longer one
 * needs nothing but HKDF.
 */
import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { ArchiveLock } from "@troth/protocol";
import { ArchiveError } from "./archive-error.ts";

/** 30 digits in groups of 5, or 64 in groups of 4. */
export type CodeKind = "code" | "key";

const FORMS = {
	code: { digits: 30, group: 5, lock: ArchiveLock.CODE },
	key: { digits: 64, group: 4, lock: ArchiveLock.KEY },
} as const;

/** Of PBKDF2-HMAC-SHA-512 for new archives (OWASP, 2023). */
export const STRETCHING = 210_000;
/** What this program is willing to compute for a file it reads. */
const STRETCHING_MAX = 10_000_000;
const SECRET_BYTES = 32;
const KEY_INFO = new TextEncoder().encode("troth/v1/archive/key");

/** A fresh code, in groups. */
export function newRecoveryCode(random: (length: number) => Uint8Array, kind: CodeKind = "code"): string {
	const { digits } = FORMS[kind];
	let drawn = "";
	while (drawn.length < digits) {
		// Bytes from 250 on would make small digits likelier.
		for (const byte of random(digits)) if (byte < 250 && drawn.length < digits) drawn += byte % 10;
	}
	return formatCode(drawn);
}

/** The digits in groups, as they are shown. Throws CodeMalformed. */
export function formatCode(code: string): string {
	const { digits, kind } = parseCode(code);
	return digits.match(new RegExp(`.{${FORMS[kind].group}}`, "g"))?.join(" ") ?? digits;
}

/** Blanks and dashes between digits do not count. Throws CodeMalformed. */
export function parseCode(code: string): { readonly digits: string; readonly kind: CodeKind } {
	const digits = code.replaceAll(/[\s\-‐-―]/g, "");
	const kind = (["code", "key"] as const).find((one) => FORMS[one].digits === digits.length);
	if (kind === undefined || !/^\d+$/.test(digits))
		throw new ArchiveError("CodeMalformed", "a recovery code has 30 or 64 digits");
	return { digits, kind };
}

/** How an archive under this code is locked. Throws CodeMalformed. */
export function lockOf(
	code: string,
	iterations = STRETCHING,
): { readonly lock: ArchiveLock; readonly iterations: number } {
	const { kind } = parseCode(code);
	return { lock: FORMS[kind].lock, iterations: kind === "code" ? iterations : 0 };
}

/**
 * The 32-byte secret that this code stands for in an archive with this salt. Rejects with CodeMalformed, WrongCode
 * (a code of the other form), VersionUnsupported.
 */
export async function secretOfCode(
	code: string,
	{ lock, salt, iterations }: { readonly lock: ArchiveLock; readonly salt: Uint8Array; readonly iterations: number },
): Promise<Uint8Array<ArrayBuffer>> {
	const { digits, kind } = parseCode(code);
	if (lock !== ArchiveLock.CODE && lock !== ArchiveLock.KEY)
		throw new ArchiveError("VersionUnsupported", "this archive is not locked with a recovery code");
	if (FORMS[kind].lock !== lock)
		throw new ArchiveError("WrongCode", "the archive is locked with a code of another length");
	const bytes = new TextEncoder().encode(digits);
	if (lock === ArchiveLock.KEY) return Uint8Array.from(hkdf(sha256, bytes, salt, KEY_INFO, SECRET_BYTES));
	if (iterations < 1 || iterations > STRETCHING_MAX)
		throw new ArchiveError("VersionUnsupported", "the archive asks for more work than this program does");
	const key = await crypto.subtle.importKey("raw", bytes, "PBKDF2", false, ["deriveBits"]);
	const parameters = { name: "PBKDF2", hash: "SHA-512", salt: Uint8Array.from(salt), iterations };
	return new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 8 * SECRET_BYTES));
}
