/** C2SP signed-note: a text, a blank line, signature lines. */
import { fromHex, toHex } from "@troth/protocol";
import { required } from "../proof-error.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { isKeyName, KEY_ID_BYTES, type VerifierKey } from "./verifier-key.ts";

export interface NoteSignature {
	readonly name: string;
	/** 8 hex digits: which of the name's keys. */
	readonly keyId: string;
	/** What follows the key id. */
	readonly signature: Uint8Array;
}

export interface SignedNote {
	/** What is signed: ends in a newline. */
	readonly text: string;
	readonly signatures: readonly NoteSignature[];
}

/** The specification asks verifiers to have a bound, of at least 16. */
const MOST_SIGNATURES = 100;
const LONGEST_NOTE = 1_000_000;

/** Reads a note; nothing of it is verified. Throws ProofError (MALFORMED). */
export function parseNote(note: string): SignedNote {
	return required(readNote(note), "this is no signed note");
}

function readNote(note: string): SignedNote | undefined {
	const split = note.lastIndexOf("\n\n");
	if (split < 0 || !isNoteText(note) || !note.endsWith("\n")) return undefined;
	const signatures = parseSignatureLines(note.slice(split + 2));
	return signatures === undefined || signatures.length === 0
		? undefined
		: { text: note.slice(0, split + 1), signatures };
}

/** Reads lines as they stand below a note, or as a witness answers them; undefined where one is malformed. */
export function parseSignatureLines(lines: string): NoteSignature[] | undefined {
	if (lines.length > LONGEST_NOTE || !lines.endsWith("\n")) return undefined;
	const signatures: NoteSignature[] = [];
	for (const line of lines.slice(0, -1).split("\n")) {
		const signature = parseSignatureLine(line);
		if (signature === undefined || signatures.length === MOST_SIGNATURES) return undefined;
		signatures.push(signature);
	}
	return signatures;
}

function parseSignatureLine(line: string): NoteSignature | undefined {
	const [dash, name = "", base64 = "", ...rest] = line.split(" ");
	const bytes = fromBase64(base64);
	if (dash !== "—" || rest.length > 0 || !isKeyName(name)) return undefined;
	if (bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
	return { name, keyId: toHex(bytes.subarray(0, KEY_ID_BYTES)), signature: bytes.slice(KEY_ID_BYTES) };
}

/** One signature line, with its newline. */
export function formatSignatureLine({ name, keyId, signature }: NoteSignature): string {
	return `— ${name} ${toBase64(new Uint8Array([...(fromHex(keyId) ?? []), ...signature]))}\n`;
}

/** The whole note. */
export function formatNote({ text, signatures }: SignedNote): string {
	return `${text}\n${signatures.map(formatSignatureLine).join("")}`;
}

/** The signatures that claim to be by this key. */
export function signaturesBy(key: VerifierKey, signatures: readonly NoteSignature[]): NoteSignature[] {
	return signatures.filter(({ name, keyId }) => name === key.name && keyId === key.id);
}

/** UTF-8, and no control character but newline. */
function isNoteText(text: string): boolean {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
	return text.length <= LONGEST_NOTE && text.isWellFormed() && !/[\u0000-\u0009\u000b-\u001f]/.test(text);
}
