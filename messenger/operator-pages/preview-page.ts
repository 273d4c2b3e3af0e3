/** A policy file before it is published: what the rules say of it, or what would change for people and the button. */
import type { Finding, Policy } from "@troth/bridge";
import { html } from "@troth/protocol/html.ts";
import { differenceHtml } from "../terms-pages/changes-page.ts";
import { facts, formField, type OperatorPage, table, VIEW } from "./frame.ts";
import { countWords, numberWords } from "./words.ts";

export type Preview =
	| { readonly kind: "findings"; readonly message: string; readonly findings: readonly Finding[] }
	| {
			readonly kind: "ready";
			readonly policy: Policy;
			readonly before: Policy;
			readonly accounts: number;
			readonly endsYeses: readonly EndedYeses[];
	  };

/** Yeses that the publication ends at once. */
export interface EndedYeses {
	readonly purpose: string;
	readonly yeses: number;
}

export function previewPage(preview: Preview, formToken: string): OperatorPage {
	const back = html`<p class="ways"><a href="${VIEW}/terms">Back without publishing</a></p>`;
	if (preview.kind === "findings") {
		const { message, findings } = preview;
		return {
			title: "This file can not be published",
			body: html`<h1>This file can not be published</h1>
<p class="lead">${message}.</p>
${
	findings.length > 0 &&
	table(
		countWords(findings.length, "finding", "findings"),
		["Rule", "Where", "What"],
		findings.map(({ code, path, message: said }) => [
			html`<code>${code}</code>`,
			html`<code>${path === "" ? "the whole file" : path}</code>`,
			said,
		]),
	)
}
${back}`,
		};
	}
	const { policy, before, accounts, endsYeses } = preview;
	const text = policy.text(policy.file.referenceLocale);
	return {
		title: `Publish version ${policy.version}?`,
		body: html`<h1>Publish version ${policy.version}?</h1>
<p class="lead">The rules have nothing against it. This is what changes for people.</p>
${facts([
	{
		name: "Model",
		value: policy.file.model === "opt_out" ? "Opt-out" : "Opt-in",
		note:
			policy.file.model === "opt_out" ? "boxes shown as on, nothing before the embargo ends" : "nothing without a yes",
	},
	{
		name: "Purposes",
		value: numberWords(policy.purposes.size),
		note: `${numberWords(before.purposes.size)} until now`,
	},
	{
		name: "Recipients",
		value: numberWords(policy.file.recipients.length),
		note: policy.file.recipients.map(({ name }) => name).join(", ") || "none",
	},
	{
		name: "Languages",
		value: numberWords(policy.texts.length),
		note: policy.texts.map(({ locale }) => locale).join(", "),
	},
])}
<section class="card" aria-labelledby="short"><h2 id="short">In short, as people read it</h2>
<ul class="summary" lang="${text.locale}">${text.summary.map((sentence) => html`<li>${sentence}</li>`)}</ul></section>
${differenceHtml({ policy, text }, before)}
${
	endsYeses.length > 0 &&
	html`<section class="card" aria-labelledby="ends"><h2 id="ends">What it takes away, at once</h2>
<p>It leaves out what people said yes to. These yeses end when it is published, and what was shared under them is recalled; only the people themselves can give them again. Where rules for regions become stricter, more may follow.</p>
${table(
	"Yeses that end",
	["Purpose", "Yeses"],
	endsYeses.map(({ purpose, yeses }) => [purpose, numberWords(yeses)]),
)}</section>`
}
<section class="card" aria-labelledby="confirm"><h2 id="confirm">Publish it</h2>
<p>It is in force at once for who registers. ${countWords(accounts, "account is", "accounts are")} told, and each has 30 days from the moment in which a device displays it. A version that was published stays published: it can only be followed by another one.</p>
<form method="post" action="${VIEW}/terms/publish">${formField(formToken)}<input type="hidden" name="policy" value="${policy.canonical}">
<p><button class="button">Publish version ${policy.version}</button></p></form>
${back}</section>`,
	};
}
