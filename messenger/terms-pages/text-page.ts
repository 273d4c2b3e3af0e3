/** `/terms/{version}/text`: the documents as they were accepted. */
import { toHex } from "@troth/protocol";
import { html } from "@troth/protocol/html.ts";
import { documentHtml } from "./documents.ts";
import { type Page, versionHead } from "./frame.ts";
import type { VersionView } from "./version-view.ts";

export function textPage(view: VersionView): Page {
	const { policy, text } = view;
	return {
		title: `Legal text of version ${policy.version}`,
		description: `The terms of service and the privacy policy, version ${policy.version}, in full.`,
		body: html`${versionHead(view, "/text")}
<nav class="contents" aria-label="On this page"><ul>${text.documents.map(({ id, title }) => html`<li><a href="#document-${id}">${title}</a></li>`)}</ul></nav>
${text.documents.map(
	({ id, title, body }) =>
		html`<article id="document-${id}" class="document" lang="${text.locale}" aria-label="${title}">${documentHtml(body, 1)}</article>`,
)}
<p class="quiet">What people accept of this version is signed over these hashes. Text: <code>${toHex(text.hash)}</code>. Policy: <code>${toHex(policy.hash)}</code>.</p>`,
	};
}
