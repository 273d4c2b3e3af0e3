/**
 * The secret behind a person's grants, as it is named, carried over and used. 128 random bits: the code that people carry
 * is the secret itself, in the letters of Crockford's base 32, with four letters against typing errors. Pure.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { fromHex, toHex } from "@troth/protocol";
import { type ConsentKey, consentKeyFor } from "../consent/consent-key.ts";

export const SECRET_BYTES = 16;
const ROOT_BYTES = 16;
const LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const CHECK_LETTERS = 4;
/** 128 bits in letters of 5. */
const SECRET_LETTERS = 26;
const GROUP = 5;

const derive = (secret: string, use: string, length: number) =>
	hkdf(sha256, fromHex(secret) ?? new Uint8Array(), new Uint8Array(), new TextEncoder().encode(use), length);

/** What the secret is called: the service compares it, and learns nothing of the secret from it. */
export function rootOf(secret: string): string {
	return toHex(derive(secret, "troth/v1/embedded/root", ROOT_BYTES));
}

/** The key towards one recipient. */
export function consentKeyOf(secret: string, recipient: string): ConsentKey {
	return consentKeyFor(derive(secret, "troth/v1/embedded/consent", 32), recipient);
}

/** As a person carries it: six groups of five letters. */
export function codeOf(secret: string): string {
	const text = letters(fromHex(secret) ?? new Uint8Array()) + checkOf(secret);
	return text.match(new RegExp(`.{1,${GROUP}}`, "g"))?.join("-") ?? "";
}

/** The secret that a typed code stands for; undefined where it is none, or has a typing error. */
export function readCode(code: string): string | undefined {
	const text = code.toUpperCase().replaceAll(/[\s-]/g, "").replaceAll("O", "0").replaceAll(/[IL]/g, "1");
	if (text.length !== SECRET_LETTERS + CHECK_LETTERS) return undefined;
	let value = 0n;
	for (const letter of text.slice(0, SECRET_LETTERS)) {
		const at = LETTERS.indexOf(letter);
		if (at < 0) return undefined;
		value = value * 32n + BigInt(at);
	}
	// 26 letters hold two bits more than there are.
	if (value >= 1n << 130n || (value & 3n) !== 0n) return undefined;
	const secret = (value >> 2n).toString(16).padStart(2 * SECRET_BYTES, "0");
	return checkOf(secret) === text.slice(SECRET_LETTERS) ? secret : undefined;
}

function letters(bytes: Uint8Array): string {
	let value = BigInt(`0x${toHex(bytes)}`) << 2n;
	let text = "";
	for (let n = 0; n < SECRET_LETTERS; n++) {
		text = LETTERS[Number(value & 31n)] + text;
		value >>= 5n;
	}
	return text;
}

function checkOf(secret: string): string {
	return [...derive(secret, "troth/v1/embedded/check", CHECK_LETTERS)].map((byte) => LETTERS[byte & 31]).join("");
}
