/**
 * Receipts and signals on the wire: signed by the device, then sealed under a key that the MLS epoch exports. The
 * server sees who sends one and how large it is; all members of the epoch can open it, the signature says whose it is.
 *
 * Key: MLS-Exporter(label, conversation id, 32). Cipher: AES-256-GCM, 12 random bytes of nonce, additional data
 * log (16 bytes) || epoch (4 bytes, big endian) || device id (16 bytes).
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type ConversationId,
	type DeviceId,
	fromHex,
	idBytes,
	LIMITS,
	type SealedForEpoch,
	SealedForEpochSchema,
	type Signed,
	SignedSchema,
} from "@troth/protocol";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What a sealed value belongs to. */
export interface SealPlace {
	readonly log: ConversationId;
	readonly device: DeviceId;
	readonly epoch: number;
}

/** Seals under the epoch's key (hex). `nonce`: 12 random bytes, never used again. */
export async function sealForEpoch(
	place: SealPlace,
	keyHex: string,
	nonce: Uint8Array<ArrayBuffer>,
	signed: Signed,
): Promise<Uint8Array<ArrayBuffer>> {
	const key = await importKey(keyHex, "encrypt");
	const plaintext = toBinary(SignedSchema, signed);
	const ciphertext = await crypto.subtle.encrypt(parameters(place, nonce), key, plaintext);
	return toBinary(
		SealedForEpochSchema,
		create(SealedForEpochSchema, { epoch: place.epoch, nonce, ciphertext: new Uint8Array(ciphertext) }),
	);
}

/** Reads the outside; undefined where it is none. */
export function decodeSealed(bytes: Uint8Array): SealedForEpoch | undefined {
	if (bytes.length > LIMITS.sealedBytes) return undefined;
	try {
		const sealed = fromBinary(SealedForEpochSchema, bytes);
		return sealed.nonce.length === NONCE_BYTES && sealed.ciphertext.length > TAG_BYTES ? sealed : undefined;
	} catch {
		return undefined;
	}
}

/** What was signed; undefined where it was not sealed for this place under this key. */
export async function openSealed(
	place: SealPlace,
	keyHex: string,
	sealed: SealedForEpoch,
): Promise<Signed | undefined> {
	try {
		const key = await importKey(keyHex, "decrypt");
		const nonce = new Uint8Array(sealed.nonce);
		const plaintext = await crypto.subtle.decrypt(parameters(place, nonce), key, new Uint8Array(sealed.ciphertext));
		return fromBinary(SignedSchema, new Uint8Array(plaintext));
	} catch {
		return undefined;
	}
}

function importKey(keyHex: string, use: "encrypt" | "decrypt"): ReturnType<typeof crypto.subtle.importKey> {
	return crypto.subtle.importKey("raw", fromHex(keyHex) ?? new Uint8Array(), "AES-GCM", false, [use]);
}

function parameters({ log, device, epoch }: SealPlace, iv: Uint8Array<ArrayBuffer>) {
	const additionalData = new Uint8Array(36);
	additionalData.set(idBytes(log));
	new DataView(additionalData.buffer).setUint32(16, epoch);
	additionalData.set(idBytes(device), 20);
	return { name: "AES-GCM", iv, additionalData };
}
