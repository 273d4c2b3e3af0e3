/** What a person accepts, as bytes: `TermsVersion.text_hash` is SHA-256 over them, made by the server, checked by clients. */
import { canonicalJson } from "./canonical-json.ts";
import type { PurposeWords } from "./policy-file.ts";

export interface TermsText {
	/** BCP 47. */
	readonly locale: string;
	readonly summary: readonly string[];
	readonly documents: readonly { readonly id: string; readonly title: string; readonly body: string }[];
	/** The words of the choices, where the version has some. */
	readonly purposes?: { readonly [purpose: string]: PurposeWords };
}

/** The canonical JSON of locale, summary, documents and, where there are choices, their words, in UTF-8. */
export function termsTextBytes({ locale, summary, documents, purposes }: TermsText): Uint8Array<ArrayBuffer> {
	const texts = documents.map(({ id, title, body }) => ({ id, title, body }));
	const choices = Object.entries(purposes ?? {}).map(([id, { title, body }]) => [id, { title, body }] as const);
	return new TextEncoder().encode(
		canonicalJson({
			locale,
			summary,
			documents: texts,
			...(choices.length > 0 && { purposes: Object.fromEntries(choices) }),
		}),
	);
}
