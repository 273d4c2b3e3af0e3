/**
 * A policy file: the terms of one version as data. Version 1 shares nothing, so recipients and purposes are empty
 * lists; what they will hold when a version has some is for that version's schema to say.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { canonicalJson, type Json, type TermsText, termsTextBytes } from "@troth/protocol";
import * as v from "valibot";

const Text = v.pipe(v.string(), v.nonEmpty());
const Version = v.pipe(v.number(), v.integer(), v.minValue(1));

const PolicyFile = v.pipe(
	v.strictObject({
		version: Version,
		referenceLocale: Text,
		recipients: v.strictTuple([]),
		purposes: v.strictTuple([]),
		locales: v.record(
			Text,
			v.strictObject({
				summary: v.pipe(v.array(Text), v.nonEmpty()),
				documents: v.pipe(v.array(v.strictObject({ id: Text, title: Text, body: Text })), v.nonEmpty()),
			}),
		),
	}),
	v.check((file) => file.referenceLocale in file.locales, "the reference locale has no text"),
);

/** One locale's text and its hash. */
export interface PolicyText extends TermsText {
	readonly hash: Uint8Array;
}

export interface Policy {
	readonly version: number;
	/** Canonical JSON of the whole file. */
	readonly canonical: string;
	/** SHA-256 of the canonical JSON. */
	readonly hash: Uint8Array;
	/** The text for a BCP 47 locale: that of its language, or that of the reference locale. */
	text(locale: string): PolicyText;
	readonly texts: readonly PolicyText[];
}

/** The policy file is not one; the text says where. */
export class PolicyError extends Error {
	override readonly name = "PolicyError";
}

/** The policy that the project ships for a version. */
export function shippedPolicyPath(version: number): URL {
	return new URL(`../../policies/v${version}.json`, import.meta.url);
}

/** Reads a policy file. Rejects with PolicyError. */
export async function readPolicyFile(path: string | URL): Promise<Policy> {
	return parsePolicy(await readFile(path, "utf8"));
}

/** Throws PolicyError. */
export function parsePolicy(text: string): Policy {
	const parsed = v.safeParse(PolicyFile, parseJson(text));
	if (!parsed.success)
		throw new PolicyError(
			parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "file"}: ${issue.message}`).join("; "),
		);
	const file = parsed.output;
	const canonical = canonicalJson(file as Json);
	const texts = Object.entries(file.locales).map(([locale, { summary, documents }]) => {
		const text = { locale, summary, documents };
		return { ...text, hash: sha256(termsTextBytes(text)) };
	});
	return {
		version: file.version,
		canonical,
		hash: sha256(canonical),
		texts,
		text: chooser(texts, file.referenceLocale),
	};
}

function chooser(texts: readonly PolicyText[], reference: string): (locale: string) => PolicyText {
	const byLocale = new Map(texts.map((text) => [text.locale.toLowerCase(), text]));
	return (locale) => {
		const wanted = locale.toLowerCase();
		const text =
			byLocale.get(wanted) ?? byLocale.get(wanted.split("-")[0] ?? "") ?? byLocale.get(reference.toLowerCase());
		if (text === undefined) throw new PolicyError("the reference locale has no text");
		return text;
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new PolicyError("the policy file is not JSON", { cause: error });
	}
}

function sha256(data: Uint8Array | string): Uint8Array {
	return createHash("sha256").update(data).digest();
}
