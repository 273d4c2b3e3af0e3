/** Reading a policy file that came from a server: the shape is checked here, the signature by `read-terms.ts`. */
import { sha256 } from "@noble/hashes/sha2.js";
import {
	type Basis,
	CATALOGUE,
	canonicalJson,
	type Json,
	type PolicyFile,
	type PolicyPurpose,
	type PolicyRule,
	purposeBytes,
} from "@troth/protocol";

/** The file in its canonical form; undefined where the bytes are anything else. Pure. */
export function readPolicy(bytes: Uint8Array): PolicyFile | undefined {
	try {
		const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
		const value: unknown = JSON.parse(text);
		return isPolicy(value) && canonicalJson(value as unknown as Json) === text ? value : undefined;
	} catch {
		return undefined;
	}
}

/** What a consent to this purpose is bound to: SHA-256 of `purposeBytes`. Throws TypeError where there is none. */
export function purposeHash(file: PolicyFile, purpose: string): Uint8Array {
	return sha256(purposeBytes(file, purpose));
}

/** Can a person say yes or no to it? Other purposes rest on another basis. */
export function isChoice({ basis }: Pick<PolicyPurpose, "basis">): boolean {
	return basis === "consent" || basis === "opt_out";
}

const BASES: readonly string[] = ["consent", "opt_out", "legitimate_interest", "legal_duty"] satisfies Basis[];
const ROLES: readonly string[] = ["controller", "joint", "processor"];

type Shape = Readonly<Record<string, unknown>>;

const isShape = (value: unknown): value is Shape =>
	typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === "string";
const isWhole = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
const isListOf = <T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] =>
	Array.isArray(value) && value.every(is);

function isPolicy(value: unknown): value is PolicyFile {
	return (
		isShape(value) &&
		isWhole(value["version"]) &&
		isText(value["referenceLocale"]) &&
		isListOf(value["recipients"], isRecipient) &&
		isListOf(value["purposes"], isPurpose) &&
		(value["regions"] === undefined || isListOf(value["regions"], isText)) &&
		(value["rules"] === undefined || isListOf(value["rules"], isRule)) &&
		isShape(value["locales"]) &&
		Object.values(value["locales"]).every(isLocale) &&
		Object.hasOwn(value["locales"], value["referenceLocale"])
	);
}

function isRecipient(value: unknown): value is PolicyFile["recipients"][number] {
	return (
		isShape(value) &&
		["id", "name", "contact"].every((name) => isText(value[name])) &&
		ROLES.includes(value["role"] as string)
	);
}

function isPurpose(value: unknown): value is PolicyPurpose {
	return (
		isShape(value) &&
		isText(value["id"]) &&
		Object.hasOwn(CATALOGUE, value["id"]) &&
		BASES.includes(value["basis"] as string) &&
		isListOf(value["fields"], isText) &&
		isListOf(value["recipients"], isText) &&
		isWhole(value["retentionDays"]) &&
		(value["initial"] === "off" || value["initial"] === "on") &&
		(value["embargoDays"] === undefined || isWhole(value["embargoDays"])) &&
		typeof value["objection"] === "boolean"
	);
}

function isRule(value: unknown): value is PolicyRule {
	return (
		isShape(value) &&
		isListOf(value["regions"], isText) &&
		isWhole(value["minorBelow"]) &&
		typeof value["optOut"] === "boolean" &&
		(value["usageMetrics"] === "pseudonym" || value["usageMetrics"] === "aggregates")
	);
}

function isLocale(value: unknown): boolean {
	return (
		isShape(value) &&
		isListOf(value["summary"], isText) &&
		isListOf(value["documents"], isDocument) &&
		(value["purposes"] === undefined || (isShape(value["purposes"]) && Object.values(value["purposes"]).every(isWords)))
	);
}

function isDocument(value: unknown): value is { readonly id: string; readonly title: string; readonly body: string } {
	return isShape(value) && ["id", "title", "body"].every((name) => isText(value[name]));
}

function isWords(value: unknown): boolean {
	return isShape(value) && isText(value["title"]) && isText(value["body"]);
}
