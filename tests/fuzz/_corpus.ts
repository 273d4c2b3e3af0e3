/**
 * The kept samples: one file per decoder, one sample per line, `name base64`. Real ones come from `collect.ts`; what
 * once broke a decoder is added by hand under a name that says what it was.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Sample {
	readonly name: string;
	readonly bytes: Uint8Array;
}

const DIRECTORY = join(import.meta.dirname, "corpus");

function fileOf(decoder: string): string {
	return join(DIRECTORY, `${decoder.replaceAll(/[^a-z0-9]+/gi, "-").toLowerCase()}.txt`);
}

/** The samples of a decoder, in the order they were kept. */
export function readCorpus(decoder: string): readonly Sample[] {
	if (!existsSync(fileOf(decoder))) return [];
	const lines = readFileSync(fileOf(decoder), "utf8").split("\n");
	return lines
		.filter((line) => line !== "" && !line.startsWith("#"))
		.map((line) => {
			const [name = "", base64 = ""] = line.split(" ");
			return { name, bytes: new Uint8Array(Buffer.from(base64, "base64")) };
		});
}

/** Adds samples that are not there yet; what is there stays. */
export function keepInCorpus(decoder: string, samples: readonly Sample[]): void {
	const before = readCorpus(decoder);
	const known = new Set(before.map(({ name }) => name));
	const all = [...before, ...samples.filter(({ name }) => !known.has(name))];
	const lines = all.map(({ name, bytes }) => `${name} ${Buffer.from(bytes).toString("base64")}\n`);
	writeFileSync(fileOf(decoder), lines.join(""));
}
