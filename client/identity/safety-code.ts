/**
 * What two people scan instead of reading digits to each other: an address of the app, `<origin>/#/verify/<code>`, so
 * that the camera of a phone opens the right page, and a server never sees it (it stands in the fragment). The code is
 * base64url of
 *
 *     0x01 || account of who shows it (16) || account it is shown to (16) || fingerprint (30) || fingerprint (30)
 *
 * with both fingerprints as who shows it knows them, their own first. A fingerprint is what the digits are made of
 * (`safety-number.ts`), all of its 240 bits.
 */
import { type AccountId, ID_BYTES, idBytes, readId } from "@troth/protocol";
import { equalBytes } from "../content/envelope.ts";
import type { SafetyOutcome } from "../device/trust-api.ts";
import { FINGERPRINT_BYTES, type FingerprintedAccount, fingerprintBytes, safetyNumber } from "./safety-number.ts";

const VERSION = 1;
const BYTES = 1 + 2 * ID_BYTES + 2 * FINGERPRINT_BYTES;
/** Base64url without padding: the bytes are a multiple of three. */
const CODE = new RegExp(`(?:^|/verify/)([A-Za-z0-9_-]{${(BYTES * 4) / 3}})$`);
const DIGITS = 60;

/** A code whose form is right. Whether it says the truth is what `compareCode` finds out. */
export interface SafetyCode {
	/** Who shows it. */
	readonly from: AccountId;
	readonly to: AccountId;
	readonly theirs: Uint8Array;
	readonly mine: Uint8Array;
}

/** The address this account shows to the other one. */
export function safetyCode(origin: string, own: FingerprintedAccount, other: FingerprintedAccount): string {
	const bytes = new Uint8Array(BYTES);
	bytes[0] = VERSION;
	bytes.set(idBytes(own.account), 1);
	bytes.set(idBytes(other.account), 1 + ID_BYTES);
	bytes.set(fingerprintBytes(own), 1 + 2 * ID_BYTES);
	bytes.set(fingerprintBytes(other), 1 + 2 * ID_BYTES + FINGERPRINT_BYTES);
	return `${origin}/#/verify/${toBase64Url(bytes)}`;
}

/** Reads a whole address or the code alone; undefined where it is neither. Never throws. */
export function readSafetyCode(text: string): SafetyCode | undefined {
	const code = CODE.exec(text.trim())?.[1];
	if (code === undefined) return undefined;
	const bytes = fromBase64Url(code);
	const from = readId<AccountId>(bytes.slice(1, 1 + ID_BYTES));
	const to = readId<AccountId>(bytes.slice(1 + ID_BYTES, 1 + 2 * ID_BYTES));
	if (bytes.length !== BYTES || bytes[0] !== VERSION || from === undefined || to === undefined) return undefined;
	const keys = 1 + 2 * ID_BYTES;
	return {
		from,
		to,
		theirs: bytes.slice(keys, keys + FINGERPRINT_BYTES),
		mine: bytes.slice(keys + FINGERPRINT_BYTES),
	};
}

/**
 * Compares a code that was scanned with what is known here.
 * @param offered the identity key that was refused, hex; undefined for none
 */
export function compareCode(
	code: SafetyCode,
	own: FingerprintedAccount,
	other: FingerprintedAccount,
	offered: string | undefined,
): SafetyOutcome {
	if (code.from !== other.account || code.to !== own.account) return "for-another";
	if (!equalBytes(code.mine, fingerprintBytes(own))) return "differs";
	if (equalBytes(code.theirs, fingerprintBytes(other))) return "same";
	return offered !== undefined && equalBytes(code.theirs, fingerprintBytes({ ...other, identityKey: offered }))
		? "offered"
		: "differs";
}

/** The same with 60 digits, which name no account; undefined where it is something else. */
export function compareDigits(
	text: string,
	own: FingerprintedAccount,
	other: FingerprintedAccount,
	offered: string | undefined,
): SafetyOutcome | undefined {
	if (!/^[\d\s]+$/.test(text)) return undefined;
	const digits = text.replaceAll(/\s/g, "");
	if (digits.length !== DIGITS) return undefined;
	if (digits === safetyNumber(own, other).join("")) return "same";
	return offered !== undefined && digits === safetyNumber(own, { ...other, identityKey: offered }).join("")
		? "offered"
		: "differs";
}

function toBase64Url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_");
}

function fromBase64Url(text: string): Uint8Array {
	return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
}
