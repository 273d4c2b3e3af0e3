/**
 * The register of promises (B7): who promised what, since which version of the terms, in which words of that version.
 * The words are the evidence: they stand in a policy that is signed, and one that the published text does not hold is
 * not a promise of this server, whatever the register says (ADR 0007).
 */
import { readFile } from "node:fs/promises";
import { canonicalJson, type Json, type PolicyFile } from "@troth/protocol";
import * as v from "valibot";
import type { Policy } from "./policy.ts";

/** Stands for whoever runs the messenger, beside the ids of recipients. */
export const MESSENGER = "messenger";

const Text = v.pipe(v.string(), v.nonEmpty());
const Version = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const VersionKey = v.pipe(v.string(), v.regex(/^[1-9]\d{0,9}$/, "not the number of a version"));

const Promised = v.pipe(
	v.strictObject({
		id: Text,
		by: v.pipe(v.array(Text), v.nonEmpty()),
		since: Version,
		words: v.record(Text, v.strictObject({ title: Text, body: Text })),
		said: v.record(VersionKey, Text),
	}),
	v.check(({ since, said }) => Object.hasOwn(said, String(since)), "the version that it began with says nothing"),
	v.check(
		({ since, said }) => Object.keys(said).every((version) => Number(version) >= since),
		"it was said before it began",
	),
);

const Register = v.pipe(
	v.strictObject({ register: Version, referenceLocale: Text, promises: v.array(Promised) }),
	v.check(
		({ promises }) => new Set(promises.map(({ id }) => id)).size === promises.length,
		"a promise stands there twice",
	),
	v.check(
		({ promises, referenceLocale }) => promises.every(({ words }) => Object.hasOwn(words, referenceLocale)),
		"a promise has no words in the reference locale",
	),
);

/** A promise as the register has it; `said` has the words of each version that makes it. */
export type Promised = v.InferOutput<typeof Promised>;

export interface PromiseRegister {
	/** Counts the editions of the register, not those of the terms. */
	readonly register: number;
	readonly referenceLocale: string;
	readonly promises: readonly Promised[];
	/** Canonical JSON of the whole register. */
	readonly canonical: string;
}

export type PromisesErrorCode = "NOT_JSON" | "NOT_A_REGISTER";

/** The text is no register of promises. */
export class PromisesError extends Error {
	override readonly name = "PromisesError";
	readonly code: PromisesErrorCode;

	constructor(code: PromisesErrorCode, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
	}
}

/** The register that the project ships. Rejects with PromisesError, or with the error of reading it. */
export async function readShippedPromises(): Promise<PromiseRegister> {
	return parsePromises(await readFile(new URL("../../policies/promises.json", import.meta.url), "utf8"));
}

/** Throws PromisesError. */
export function parsePromises(text: string): PromiseRegister {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new PromisesError("NOT_JSON", "the register is not JSON", error);
	}
	const parsed = v.safeParse(Register, json);
	if (!parsed.success) {
		const where = parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "register"}: ${issue.message}`);
		throw new PromisesError("NOT_A_REGISTER", where.join("; "));
	}
	return { ...parsed.output, canonical: canonicalJson(parsed.output as Json) };
}

export interface StandingPromise {
	readonly promise: Promised;
	/** The published versions whose text has the words, the oldest first; never empty. */
	readonly said: readonly { readonly version: number; readonly words: string }[];
	/** Does the version in force say it? */
	readonly inForce: boolean;
}

/** What was promised here: the promises of the register that a published version makes in these words. */
export function standingPromises(
	{ promises }: PromiseRegister,
	versions: readonly Pick<Policy, "version" | "file">[],
): readonly StandingPromise[] {
	const current = versions.at(-1)?.version;
	return promises.flatMap((promise) => {
		const said = versions.flatMap(({ version, file }) => {
			const words = Object.hasOwn(promise.said, version) ? promise.said[version] : undefined;
			return words !== undefined && saysSo(file, words) ? [{ version, words }] : [];
		});
		return said.length === 0 ? [] : [{ promise, said, inForce: said.at(-1)?.version === current }];
	});
}

/** In the summary or a document of the reference locale, word for word; white space counts as one space. */
function saysSo({ locales, referenceLocale }: PolicyFile, words: string): boolean {
	const { summary = [], documents = [] } = locales[referenceLocale] ?? {};
	return [...summary, ...documents.map(({ body }) => body)].some((text) => oneLine(text).includes(oneLine(words)));
}

function oneLine(text: string): string {
	return text.replaceAll(/\s+/g, " ").trim();
}
