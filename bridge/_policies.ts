/** Policies for tests: the ones that ship, changed a little and still within the rules. */
import { readFileSync } from "node:fs";
import type { PolicyFile, PolicyPurpose, PolicyRule } from "@troth/protocol";
import { type Policy, parsePolicy, shippedPolicyPath } from "./policy/policy.ts";

const read = (name: "v1" | "opt-in" | "opt-out"): PolicyFile =>
	JSON.parse(readFileSync(shippedPolicyPath(name), "utf8"));
const FILES = { v1: read("v1"), "opt-in": read("opt-in"), "opt-out": read("opt-out") };

/** How a purpose looks in a version; another wording is another hash. */
export interface PurposeShape {
	readonly id: string;
	readonly basis: "consent" | "opt_out" | "legitimate_interest";
	readonly wording: number;
	readonly recipients: readonly string[];
}

/** What differs by where people live; without `aggregatesIn` the file has no table of rules. */
export interface Places {
	/** `opt_out` holds here; the United States where it is left out. */
	readonly optOutIn?: readonly string[];
	readonly aggregatesIn?: readonly string[];
}

const RESIDUAL: { readonly [id: string]: PolicyPurpose["fields"] } = {
	usage_metrics: ["last_used_day", "usage_class"],
	infrastructure: ["counts"],
	spam_and_abuse: ["label", "score_class"],
	security: ["label", "case_id"],
	infringement: ["label", "case_id"],
};

const made = new Map<string, Policy>();

/** A version with exactly these purposes; the same object for the same question. */
export function policyOf(version: number, shapes: readonly PurposeShape[], places: Places = {}): Policy {
	const key = JSON.stringify([version, shapes, places]);
	const policy = made.get(key) ?? make(version, shapes, places);
	made.set(key, policy);
	return policy;
}

function make(version: number, shapes: readonly PurposeShape[], places: Places): Policy {
	const { optOutIn = ["US"], aggregatesIn } = places;
	const base = FILES["opt-in"];
	const optOut = shapes.some(({ basis }) => basis === "opt_out");
	const purposes = shapes.map(({ id, basis, recipients }) => {
		const known = base.purposes.find((purpose) => purpose.id === id);
		return {
			...{ id, basis, recipients, fields: known?.fields ?? RESIDUAL[id], retentionDays: 365, objection: true },
			...(basis === "opt_out" ? { initial: "on", embargoDays: 30 } : { initial: "off" }),
		};
	});
	const words = shapes.map(({ id, wording }) => [id, { title: id, body: `Wording ${wording}.` }] as const);
	const named = [...base.recipients.map(({ name }) => name), ...shapes.map(({ id }) => id)];
	const documents = [
		{ id: "terms", title: "Terms", body: "Be kind." },
		{ id: "privacy", title: "Privacy", body: named.join("\n\n") },
	];
	const text = { summary: ["What is new."], documents };
	return parsePolicy(
		JSON.stringify({
			...{ version, referenceLocale: "en", recipients: base.recipients, purposes },
			...(optOut && { model: "opt_out", regions: optOutIn, acknowledgement: "We answer for it." }),
			...(aggregatesIn !== undefined && { rules: rulesOf(optOut ? optOutIn : [], aggregatesIn) }),
			locales: { en: { ...text, purposes: Object.fromEntries(words) } },
		}),
	);
}

function rulesOf(optOutIn: readonly string[], aggregatesIn: readonly string[]): readonly PolicyRule[] {
	return [...new Set([...optOutIn, ...aggregatesIn, "*"])].map((region) => ({
		regions: [region],
		minorBelow: 18,
		optOut: optOutIn.includes(region),
		usageMetrics: aggregatesIn.includes(region) ? "aggregates" : "pseudonym",
	}));
}

/** A version that ships, under another number. */
export function shipped(name: "v1" | "opt-in" | "opt-out", version?: number): Policy {
	return parsePolicy(JSON.stringify({ ...FILES[name], ...(version !== undefined && { version }) }));
}
