/**
 * Cuts a vCard file into cards, with only what is read of them: names and numbers (RFC 6350, RFC 2426, vCard 2.1).
 * Pictures, notes and everything else are dropped here, line by line, before anything interprets them.
 */

/** A card: its version, and whole lines. */
export interface CardLines {
	readonly version: string;
	readonly lines: readonly string[];
	readonly damaged: boolean;
}

const KEPT: ReadonlySet<string> = new Set(["FN", "N", "ORG", "NICKNAME", "TEL"]);
/** `group.NAME;PARAMS:value` */
const PROPERTY = /^(?:[A-Za-z0-9-]+\.)?([A-Za-z0-9-]+)((?:;[^:]*)?):(.*)$/s;
/** Characters of one line, unfolded, of those that are kept. */
const LONGEST_LINE = 4_096;
/** Lines of one card, of those that are kept. */
const MOST_LINES = 200;

class Card {
	version = "";
	readonly lines: string[] = [];
	damaged = false;
	/** Cards inside this one, as 2.1 has them: what is in them is not this person's. */
	inside = 0;

	take(line: string): void {
		const property = PROPERTY.exec(line);
		const name = property?.[1]?.toUpperCase();
		if (name === "VERSION") this.version = property?.[3]?.trim() ?? "";
		if (name === undefined || !KEPT.has(name) || this.inside > 0) return;
		if (line.length > LONGEST_LINE || this.lines.length >= MOST_LINES) this.damaged = true;
		else this.lines.push(line);
	}
}

/** Every card of the text; one that has no end is damaged, what stands between cards is none. */
export function cutCards(text: string): readonly CardLines[] {
	const cards: CardLines[] = [];
	let card: Card | undefined;
	let before = "";
	const end = (damaged: boolean) => {
		if (card !== undefined) cards.push({ ...card, damaged: damaged || card.damaged });
		card = undefined;
	};
	for (const line of wholeLines(text)) {
		if (/^BEGIN:VCARD\s*$/i.test(line)) {
			if (card === undefined) card = new Card();
			else if (card.inside > 0 || /^AGENT\b/i.test(before)) card.inside++;
			else {
				end(true);
				card = new Card();
			}
		} else if (/^END:VCARD\s*$/i.test(line)) {
			if (card !== undefined && card.inside > 0) card.inside--;
			else end(false);
		} else card?.take(line);
		if (line !== "") before = line;
	}
	end(true);
	return cards;
}

/**
 * Lines with their continuations (RFC 6350 section 3.2; in 2.1 also those of quoted-printable), cut off where they are
 * longer than anything that is kept.
 */
function* wholeLines(text: string): Generator<string> {
	let whole: string | undefined;
	for (const line of rawLines(text)) {
		const soft = whole?.endsWith("=") === true && isQuotedPrintable(whole);
		if (whole !== undefined && soft) whole = longer(whole.slice(0, -1), line);
		else if (whole !== undefined && /^[ \t]/.test(line)) whole = longer(whole, line.slice(1));
		else {
			if (whole !== undefined) yield whole;
			whole = line;
		}
	}
	if (whole !== undefined) yield whole;
}

function longer(whole: string, more: string): string {
	return whole.length > LONGEST_LINE ? whole : whole + more;
}

function* rawLines(text: string): Generator<string> {
	for (let from = 0; from < text.length; ) {
		const end = text.indexOf("\n", from);
		const to = end === -1 ? text.length : end;
		yield text.slice(from, text[to - 1] === "\r" ? to - 1 : to);
		from = to + 1;
	}
}

/** A value of 2.1 that writes its bytes as `=C3=A4`. */
export function isQuotedPrintable(line: string): boolean {
	return /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(line);
}

/** Name, parameters and value of a line that was kept. */
export function partsOf(line: string): { readonly name: string; readonly parameters: string; readonly value: string } {
	const [, name = "", parameters = "", value = ""] = PROPERTY.exec(line) ?? [];
	return { name: name.toUpperCase(), parameters, value };
}
