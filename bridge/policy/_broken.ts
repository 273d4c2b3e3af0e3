/** Policy files for tests: the ones that ship, changed in one place. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isResidual } from "@troth/protocol";
import { readDraft } from "./draft.ts";
import { type FindingCode, lintPolicy } from "./lint.ts";
import { shippedPolicyPath } from "./policy.ts";

type Json = { [key: string]: unknown };

/** A policy file as JSON, changed at will. */
export type Draft = {
	version: number;
	model: string;
	regions: string[];
	acknowledgement: string;
	rules: Json[];
	recipients: Json[];
	purposes: Json[];
	locales: { [locale: string]: { summary: string[]; documents: Json[]; purposes: { [id: string]: Json } } };
};

const read = async (name: "opt-in" | "opt-out"): Promise<Draft> =>
	JSON.parse(await readFile(shippedPolicyPath(name), "utf8"));

/** Of a file that ships, what it asks people: rules are broken one at a time in it. */
async function choicesOf(name: "opt-in" | "opt-out"): Promise<Draft> {
	const draft = await read(name);
	draft.purposes = draft.purposes.filter(({ id }) => !isResidual(String(id)));
	for (const locale of Object.values(draft.locales))
		locale.purposes = Object.fromEntries(Object.entries(locale.purposes).filter(([id]) => !isResidual(id)));
	return draft;
}

export const OPT_IN = await choicesOf("opt-in");

export const OPT_OUT = await choicesOf("opt-out");

export const USAGE = {
	...{ id: "usage_metrics", basis: "legitimate_interest", fields: ["last_used_day", "usage_class"] },
	...{ recipients: ["family"], retentionDays: 30, initial: "off", objection: true },
};

export const WORDS = { title: "A title", body: "What goes to whom and why." };

/** The findings about a file after one change. */
function findings(base: Draft, change: (draft: Draft) => void): readonly (readonly [FindingCode, string])[] {
	const draft = structuredClone(base);
	change(draft);
	return lintPolicy(readDraft(JSON.stringify(draft))).map(({ code, path }) => [code, path]);
}

export const at = <Item>(list: readonly Item[], index: number): Item => {
	const item = list[index];
	assert.ok(item !== undefined);
	return item;
};

/** Prose that names all there is, and no table that could contradict. */
export function namesAll(draft: Draft): void {
	for (const locale of Object.values(draft.locales)) {
		const titles = Object.values(locale.purposes).map(({ title }) => title);
		const body = [...draft.recipients.map(({ name }) => name), ...titles].join("\n\n");
		Object.assign(at(locale.documents, 1), { body });
	}
}

/** Changes the privacy document of the first locale. */
export function reword(draft: Draft, change: (body: string) => string): void {
	const privacy = at(at(Object.values(draft.locales), 0).documents, 1);
	const before = String(privacy["body"]);
	privacy["body"] = change(before);
	assert.notEqual(privacy["body"], before);
}

export const wordsOf = (draft: Draft) => at(Object.values(draft.locales), 0).purposes;

/** A change that a rule refuses, with what it finds. */
export type Broken = readonly [
	name: string,
	base: Draft,
	change: (draft: Draft) => void,
	found: readonly (readonly [FindingCode, string])[],
];

/** A test for each. */
export function refuses(changes: readonly Broken[]): void {
	for (const [name, base, change, expected] of changes)
		test(`refused: ${name}`, () => {
			assert.deepEqual(findings(base, change), expected);
		});
}
