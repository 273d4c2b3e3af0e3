/** Reading outside bytes: everything or a refusal. */
import type { MLSMessage } from "ts-mls";
import type { Decoder } from "ts-mls/codec/tlsDecoder.js";
import { decodeMlsMessage } from "ts-mls/message.js";
import { MlsRefusal } from "./engine.ts";

/**
 * Decodes all of `bytes`. The result shares no memory with them: ts-mls keeps views of its input in the state, and a
 * caller's buffer may change.
 */
export function decodeAll<T>(decoder: Decoder<T>, bytes: Uint8Array, what: string): T {
	const copy = Uint8Array.from(bytes);
	let result: [T, number] | undefined;
	try {
		result = decoder(copy, 0);
	} catch (cause) {
		throw new MlsRefusal("Malformed", `not ${what}`, { cause });
	}
	if (result === undefined || result[1] !== copy.length) throw new MlsRefusal("Malformed", `not ${what}`);
	return result[0];
}

type Wireformat = MLSMessage["wireformat"];

/** An MLSMessage (RFC 9420 section 6) of one of these kinds. */
export function decodeMessage<W extends Wireformat>(
	bytes: Uint8Array,
	...kinds: readonly W[]
): Extract<MLSMessage, { wireformat: W }> {
	const message = decodeAll(decodeMlsMessage, bytes, "an MLSMessage");
	if (!(kinds as readonly Wireformat[]).includes(message.wireformat)) {
		throw new MlsRefusal("Malformed", `an MLSMessage of another kind: ${message.wireformat}`);
	}
	return message as Extract<MLSMessage, { wireformat: W }>;
}
