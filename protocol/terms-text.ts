/** What a person accepts, as bytes: `TermsVersion.text_hash` is SHA-256 over them, made by the server, checked by clients. */
import { canonicalJson } from "./canonical-json.ts";

export interface TermsText {
	/** BCP 47. */
	readonly locale: string;
	readonly summary: readonly string[];
	readonly documents: readonly { readonly id: string; readonly title: string; readonly body: string }[];
}

/** The canonical JSON of locale, summary and documents, in UTF-8. */
export function termsTextBytes({ locale, summary, documents }: TermsText): Uint8Array<ArrayBuffer> {
	const texts = documents.map(({ id, title, body }) => ({ id, title, body }));
	return new TextEncoder().encode(canonicalJson({ locale, summary, documents: texts }));
}
