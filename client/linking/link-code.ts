/**
 * The secret that two devices share while one is linked by the other: 32 random bytes, shown as a QR code of an address
 * and as a code of 13 groups (base32, RFC 4648). It never leaves the two devices; the mailbox's id and the key of its
 * letters are derived from it.
 */
import { ID_BYTES } from "@troth/protocol";
import { deriveKey } from "./secret-box.ts";

export const SECRET_BYTES = 32;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BITS = 5;
const GROUP = 4;
const CHARACTERS = Math.ceil((SECRET_BYTES * 8) / BITS);
/** What is easily read for another character, and stands in no code. */
const MISREAD: Readonly<Record<string, string>> = { "0": "O", "1": "I", "8": "B" };

/** In groups of four, joined by `-`. */
export function codeOf(secret: Uint8Array): string {
	let code = "";
	let held = 0;
	let bits = 0;
	for (const byte of secret) {
		held = (held << 8) | byte;
		bits += 8;
		while (bits >= BITS) {
			bits -= BITS;
			code += ALPHABET[(held >> bits) & 31];
		}
		held &= (1 << bits) - 1;
	}
	if (bits > 0) code += ALPHABET[(held << (BITS - bits)) & 31];
	return code.replaceAll(new RegExp(`.{${GROUP}}(?!$)`, "g"), "$&-");
}

/** The address a QR code shows: a phone's camera opens the app with it, and the server never sees what follows `#`. */
export function linkAddress(origin: string, code: string): string {
	return `${origin}/#/link/${code}`;
}

/** The secret of a code or of an address with one, however it was typed; undefined where it is none. */
export function readCode(text: string): Uint8Array<ArrayBuffer> | undefined {
	const typed = text.trim().replace(/^.*#\/link\//s, "");
	const code = [...typed.toUpperCase().replaceAll(/[\s-]/g, "")].map((character) => MISREAD[character] ?? character);
	if (code.length !== CHARACTERS) return undefined;
	const secret = new Uint8Array(SECRET_BYTES);
	let held = 0;
	let bits = 0;
	let at = 0;
	for (const character of code) {
		const value = ALPHABET.indexOf(character);
		if (value < 0) return undefined;
		held = (held << BITS) | value;
		bits += BITS;
		if (bits < 8) continue;
		bits -= 8;
		secret[at++] = held >> bits;
		held &= (1 << bits) - 1;
	}
	// The last character has more bits than are needed: they are zero.
	return held === 0 ? secret : undefined;
}

export interface LinkKeys {
	/** 16 bytes. */
	readonly mailbox: Uint8Array<ArrayBuffer>;
	/** AES-256-GCM. */
	readonly key: Uint8Array<ArrayBuffer>;
}

export function linkKeys(secret: Uint8Array): LinkKeys {
	return {
		mailbox: deriveKey(secret, "troth/v1/linking/mailbox", ID_BYTES),
		key: deriveKey(secret, "troth/v1/linking/key"),
	};
}
