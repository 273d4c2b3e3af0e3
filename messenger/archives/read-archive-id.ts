import { ID_BYTES, Refusal, toHex } from "@troth/protocol";

/** The id as hex. Throws MALFORMED. */
export function readArchiveId(bytes: Uint8Array): string {
	if (bytes.length !== ID_BYTES) throw new Refusal("MALFORMED", "an archive's id has 16 bytes");
	return toHex(bytes);
}
