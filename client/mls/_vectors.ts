/**
 * The test vectors of the MLS working group (mlswg/mls-implementations, test-vectors.md). They are data beside the
 * checkout; where they are absent the tests skip and say so.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CiphersuiteImpl } from "ts-mls";
import { getCiphersuiteFromId } from "ts-mls/crypto/ciphersuite.js";
import { nodeCryptoProvider } from "./provider.node.ts";

const FOLDER = join(import.meta.dirname, "../../../shared/vectors/mls");

/** `false`, or why a vector test is skipped. */
export const SKIP: false | string = existsSync(FOLDER) ? false : "the vectors of ../shared/vectors/mls are not here";

export function readVectors<T extends { cipher_suite: number }>(name: string): readonly T[] {
	return JSON.parse(readFileSync(join(FOLDER, name), "utf8")) as T[];
}

export const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const suites = new Map<number, Promise<CiphersuiteImpl>>();

/** A suite of RFC 9420 through OUR provider, which has all of them. */
export function suiteOf(number: number): Promise<CiphersuiteImpl> {
	let suite = suites.get(number);
	if (suite === undefined) {
		suite = nodeCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromId(number as 1));
		suites.set(number, suite);
	}
	return suite;
}
