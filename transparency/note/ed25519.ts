/** Ed25519 signatures over a note's text (C2SP signed-note, type 0x01). */

import { ed25519Key, verifyEd25519 } from "@troth/protocol/ed25519.ts";
import type { NoteSignature } from "./signed-note.ts";
import { formatVerifierKey, NOTE_ED25519, parseVerifierKey } from "./verifier-key.ts";

export { verifyEd25519 };

export interface NoteSigner {
	readonly name: string;
	readonly vkey: string;
	/** Signs a note's text, which ends in a newline. */
	sign(text: string): NoteSignature;
}

/** A signer from a 32-byte seed. Throws RangeError for a name that can not be a key's. */
export function ed25519NoteSigner(name: string, seed: Uint8Array): NoteSigner {
	const key = ed25519Key(seed);
	const vkey = formatVerifierKey(name, NOTE_ED25519, key.publicKey);
	const { id } = parseVerifierKey(vkey);
	return {
		name,
		vkey,
		sign: (text) => ({ name, keyId: id, signature: key.sign(new TextEncoder().encode(text)) }),
	};
}

/** Is this the key's signature of the note's text? */
export function verifyNoteSignature(publicKey: Uint8Array, text: string, signature: Uint8Array): boolean {
	return verifyEd25519(publicKey, new TextEncoder().encode(text), signature);
}
