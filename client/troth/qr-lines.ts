import { renderUnicodeCompact } from "uqr";

/** A QR code for a terminal, dark on light as cameras expect it: a line of text is two rows of it. */
export function qrLines(text: string): readonly string[] {
	const lines = renderUnicodeCompact(text, { border: 2 }).split("\n");
	return lines.map((line) => `\u001b[47m\u001b[30m${line}\u001b[0m`);
}
