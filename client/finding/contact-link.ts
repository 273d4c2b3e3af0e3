/**
 * Contact links: `https://origin/#/add/TOKEN-AND-FINGERPRINT?n=NAME`. All that matters stands in the fragment, which
 * browsers send to nobody. 16 bytes of it are the secret by which the server finds the account, 20 bytes are the
 * beginning of
 *
 *     SHA-256("troth/v1/contact-link" || 0x00 || account id || account identity key)
 *
 * by which whoever opens the link knows the key without the server's word. The name is what the person put there, and
 * proves nothing.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { type AccountId, fromHex, idBytes, LABELS, LIMITS, signedBytes, toHex } from "@troth/protocol";

const FINGERPRINT_BYTES = 20;
/** 36 bytes in base64url: no padding. */
const PAYLOAD = "([A-Za-z0-9_-]{48})";
const FRAGMENT = new RegExp(`^#/add/${PAYLOAD}(?:\\?n=([^&#]*))?$`);
const LONGEST_LINK = 2_000;

export interface ContactLink {
	/** Where it leads; undefined where only a fragment was given. */
	readonly origin: string | undefined;
	readonly token: Uint8Array<ArrayBuffer>;
	/** Hex. */
	readonly fingerprint: string;
	readonly name: string | undefined;
}

/** What of an account's identity key (hex) stands in its links. Hex. */
export function linkFingerprint(account: AccountId, identityKey: string): string {
	const key = fromHex(identityKey) ?? new Uint8Array();
	const statement = new Uint8Array([...idBytes(account), ...key]);
	return toHex(sha256(signedBytes(LABELS.contactLink, statement)).subarray(0, FINGERPRINT_BYTES));
}

/** The link, naming nobody. */
export function writeContactLink(origin: string, token: Uint8Array, fingerprint: string): string {
	const bytes = new Uint8Array([...token, ...(fromHex(fingerprint) ?? [])]);
	return `${origin}/#/add/${toBase64Url(bytes)}`;
}

/** The link with a name for whoever opens it. */
export function nameLink(link: string, name: string): string {
	const shown = cleanName(name);
	return shown === "" ? link : `${link}?n=${encodeURIComponent(shown)}`;
}

/** Reads a link, or its fragment alone; undefined where it is none. */
export function readContactLink(text: string): ContactLink | undefined {
	const trimmed = text.trim();
	if (trimmed.length > LONGEST_LINK) return undefined;
	const url = trimmed.startsWith("#") ? undefined : URL.parse(trimmed);
	if (url === null || (url !== undefined && (url.pathname !== "/" || url.search !== ""))) return undefined;
	const match = FRAGMENT.exec(url === undefined ? trimmed : url.hash);
	const bytes = match?.[1] === undefined ? undefined : fromBase64Url(match[1]);
	if (bytes === undefined) return undefined;
	return {
		origin: url?.origin,
		token: bytes.slice(0, LIMITS.contactLinkBytes),
		fingerprint: toHex(bytes.subarray(LIMITS.contactLinkBytes)),
		name: readName(match?.[2]),
	};
}

function readName(escaped: string | undefined): string | undefined {
	if (escaped === undefined) return undefined;
	try {
		return cleanName(decodeURIComponent(escaped)) || undefined;
	} catch {
		return undefined;
	}
}

/** One line without characters that are not seen or that turn the writing around, as long as names may be. */
export function cleanName(name: string): string {
	const plain = name
		.normalize("NFC")
		.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, (sign) =>
			sign === "\u200d" || sign === "\u200c" ? sign : " ",
		)
		.replaceAll(/\s+/g, " ")
		.trim();
	return [...plain].slice(0, LIMITS.nameCharacters).join("");
}

function toBase64Url(bytes: Uint8Array): string {
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
	return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
}
