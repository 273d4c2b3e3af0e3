/** `/operator/view/terms`: the versions with their funnels, and the way to publish another one. */
import type { Policy } from "@troth/bridge";
import { html } from "@troth/protocol/html.ts";
import type { Funnel } from "../terms/funnel.ts";
import { formField, type OperatorPage, VIEW } from "./frame.ts";
import { funnelPart } from "./funnel-part.ts";
import { timeWords } from "./words.ts";

export interface TermsFacts {
	/** From the newest on. */
	readonly versions: readonly { readonly policy: Policy; readonly publishedAtMs: number; readonly funnel: Funnel }[];
	/** Lies ready in a file beside the server. */
	readonly next: Policy | undefined;
}

export function termsPage({ versions, next }: TermsFacts, formToken: string): OperatorPage {
	return {
		title: "Terms",
		body: html`<h1>Terms</h1>
<p class="ways"><a href="${VIEW}/terms">Look again</a> <a href="#publish">Publish a version</a> <a href="/terms">What everybody sees</a></p>
${versions.map(
	({ policy, publishedAtMs, funnel }, at) => html`<section class="card" aria-labelledby="version-${policy.version}">
<h2 id="version-${policy.version}"><a href="/terms/${policy.version}">Version ${policy.version}</a>${at === 0 && html` <span class="chip moss">In force</span>`}</h2>
<p class="quiet">Published on ${timeWords(publishedAtMs)}.</p>
${funnelPart(funnel, (purpose) => titleOf(policy, purpose))}
</section>`,
)}
<section class="card" id="publish" aria-labelledby="publish-title">
<h2 id="publish-title">Publish a version</h2>
<p>First you see what the rules say of it and what would change for people. Nothing is published before you confirm it there.</p>
${
	next !== undefined &&
	html`<form method="post" action="${VIEW}/terms/preview">${formField(formToken)}<input type="hidden" name="policy" value="${next.canonical}">
<p><button class="button">Look at version ${next.version}, which lies ready</button></p></form>`
}
<form method="post" action="${VIEW}/terms/preview" enctype="multipart/form-data">${formField(formToken)}
<label for="file">A policy file</label>
<input id="file" name="file" type="file" accept=".json,application/json">
<label for="policy">or its text</label>
<textarea id="policy" name="policy" rows="8" spellcheck="false"></textarea>
<p><button class="button quiet-button">Look at it</button></p>
</form>
</section>`,
	};
}

export function titleOf(policy: Policy, purpose: string): string {
	return policy.text(policy.file.referenceLocale).purposes?.[purpose]?.title ?? purpose;
}
