/**
 * Messages made from templates. The server can not read what a business fills in, so the rules that hang on a template's
 * purpose are kept here: the reader's device takes the text that the business registered, fills in the variables itself,
 * and shows a message only if the commitment outside of the ciphertext covers exactly that (`AuthenticatedData` in
 * `entry.proto`).
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { type TemplateMessage, toHex } from "@troth/protocol";
import type { BusinessMark, TemplateView } from "../device/business-api.ts";
import { type BusinessHeader, categoryOf } from "./business-header.ts";
import { Unreadable } from "./unreadable.ts";

const DOMAIN = "troth/v1/template\0";
const VARIABLE = /\{\{(\d{1,2})\}\}/g;

/** How many variables the text takes. */
export function countVariables(body: string): number {
	return new Set([...body.matchAll(VARIABLE)].map((match) => match[1])).size;
}

/** The text with the variables in their places; variables are text, whatever they contain. */
export function renderTemplate(body: string, variables: readonly string[]): string {
	return body.replaceAll(VARIABLE, (place, number: string) => variables[Number(number) - 1] ?? place);
}

/** 32 bytes, hex: what a message made from this version of this template with these variables commits to. */
export function templateCommitment(template: TemplateView, variables: readonly string[]): string {
	const { id, version, name, language, purpose, body } = template;
	const fields = [id, version.toString(), name, language, categoryOf(purpose).toString(), body];
	const hash = sha256.create().update(encoder.encode(DOMAIN)).update(hashOf(fields)).update(hashOf(variables));
	return toHex(hash.digest());
}

const encoder = new TextEncoder();

/** SHA-256 over texts, each as its length in bytes and its bytes, so that no two lists look the same. */
function hashOf(texts: readonly string[]): Uint8Array {
	const hash = sha256.create();
	for (const text of texts) {
		const bytes = encoder.encode(text);
		const length = new Uint8Array(4);
		new DataView(length.buffer).setUint32(0, bytes.length);
		hash.update(length).update(bytes);
	}
	return hash.digest();
}

/** A message that can be shown: this device's own rendering, and what it was made from. */
export interface RenderedTemplate {
	readonly text: string;
	readonly mark: BusinessMark;
}

/**
 * Renders what came. `template`: as the business registered it, undefined where it did not. Throws Unreadable
 * `TemplateMismatch` where the message is not what it says it is.
 */
export function openTemplateMessage(
	header: BusinessHeader | undefined,
	message: TemplateMessage,
	template: TemplateView | undefined,
): RenderedTemplate {
	const { bodyVariables: variables } = message;
	if (header === undefined || template === undefined) throw new Unreadable("TemplateMismatch");
	if (template.purpose !== header.purpose || countVariables(template.body) !== variables.length)
		throw new Unreadable("TemplateMismatch");
	if (templateCommitment(template, variables) !== header.commitment) throw new Unreadable("TemplateMismatch");
	const { id, version, name } = template;
	return {
		text: renderTemplate(template.body, variables),
		mark: { purpose: header.purpose, consentId: header.consentId, template: { id, version, name } },
	};
}

/** What a freely written message says about itself. Throws Unreadable `TemplateMismatch` for any purpose but service. */
export function markOfText(header: BusinessHeader | undefined): BusinessMark | undefined {
	if (header === undefined) return undefined;
	const { purpose, consentId, commitment } = header;
	if (purpose !== "service" || commitment !== undefined) throw new Unreadable("TemplateMismatch");
	return { purpose, consentId, template: undefined };
}
