/** C2SP tlog-proof: where an entry stands in which tree, as a text that is verified offline. */
import { parseDecimal, parseTreeHash } from "../checkpoint/checkpoint.ts";
import { fromBase64, toBase64, toBase64Lines } from "../note/base64.ts";
import { required } from "../proof-error.ts";

export interface TlogProof {
	readonly index: number;
	/** From the leaf's sibling to the root's child. */
	readonly hashes: readonly Uint8Array[];
	/** The signed checkpoint, verbatim. */
	readonly checkpoint: string;
	/** Not covered by any signature. */
	readonly extra?: Uint8Array;
}

const HEADER = "c2sp.org/tlog-proof@v1";
const MOST_HASHES = 63;

export function formatProof({ index, hashes, checkpoint, extra }: TlogProof): string {
	const extraLine = extra === undefined ? "" : `extra ${toBase64(extra)}\n`;
	return `${HEADER}\n${extraLine}index ${index}\n${toBase64Lines(hashes)}\n${checkpoint}`;
}

/** Reads a proof; nothing of it is verified, and the checkpoint is not even read. Throws ProofError (MALFORMED). */
export function parseProof(text: string): TlogProof {
	return required(readProof(text), "this is no tlog-proof");
}

function readProof(text: string): TlogProof | undefined {
	const end = text.indexOf("\n\n");
	if (end < 0) return undefined;
	const [header, ...lines] = text.slice(0, end).split("\n");
	if (header !== HEADER) return undefined;
	const extraLine = lines[0]?.startsWith("extra ") ? lines.shift() : undefined;
	const extra = extraLine === undefined ? undefined : fromBase64(extraLine.slice("extra ".length));
	if (extraLine !== undefined && extra === undefined) return undefined;
	const indexLine = lines.shift();
	const index = indexLine?.startsWith("index ") ? parseDecimal(indexLine.slice("index ".length)) : undefined;
	if (index === undefined || lines.length > MOST_HASHES) return undefined;
	const hashes = lines.map(parseTreeHash).filter((hash) => hash !== undefined);
	if (hashes.length !== lines.length) return undefined;
	return { index, hashes, checkpoint: text.slice(end + 2), ...(extra !== undefined && { extra }) };
}
