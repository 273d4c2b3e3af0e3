/** `/terms/{version}`: what it says in short, until when to answer, and what goes to whom as a table. */
import { TERMS_WINDOW_MS } from "@troth/bridge";
import { type Html, html } from "@troth/protocol/html.ts";
import { type Page, versionHead, versionPath } from "./frame.ts";
import { isChoice, type PurposeView, purposesOf, type VersionView } from "./version-view.ts";
import { basisWords, daysWords, dayWords, fieldWords, identityWords, objectionWords, roleWords } from "./words.ts";

export const WINDOW_DAYS = TERMS_WINDOW_MS / (24 * 3600 * 1000);

export function announcementPage(view: VersionView): Page {
	const { policy, text } = view;
	return {
		title: `Version ${policy.version} of the terms`,
		description: `Version ${policy.version} of the terms in short: what goes to whom and why, and until when to answer.`,
		body: html`${versionHead(view, "")}
<section aria-labelledby="short">
<h2 id="short">In short</h2>
<ul class="summary" lang="${text.locale}">${text.summary.map((sentence) => html`<li>${sentence}</li>`)}</ul>
</section>
<section aria-labelledby="dates">
<h2 id="dates">${view.before === undefined ? "When" : "Two dates"}</h2>
${dates(view)}
</section>
<section aria-labelledby="table">
<h2 id="table">What goes to whom</h2>
${sharing(view)}
</section>
${withoutYes(view)}
${policy.file.acknowledgement !== undefined && acknowledgement(view)}
<p class="quiet">The whole of it: <a href="${versionPath(view, "/text")}">the legal text</a>. Shorter: <a href="${versionPath(view, "/faq")}">questions and answers</a>. Accepting and choosing happen in <a href="/">the app</a> or with <code>troth accept ${policy.version}</code>.</p>`,
	};
}

function dates({ before, publishedAtMs, policy }: VersionView): Html {
	if (before === undefined)
		return html`<p>Published on ${dayWords(publishedAtMs)}. It is the first version: whoever registers reads and accepts it first.</p>`;
	const earliest = dayWords(publishedAtMs + TERMS_WINDOW_MS);
	const choices = policy.purposes.size > 0;
	return html`<ol class="dates">
<li><strong>${daysWords(WINDOW_DAYS)} to accept.</strong> They begin when the notice was first displayed on a device of yours, not with the publication, so nobody has to answer before ${earliest}. Until then everything works as before, under the version that you accepted.</li>
${
	choices
		? html`<li><strong>${daysWords(WINDOW_DAYS)} more for the choices.</strong> They begin when you accept. In this time the choices about sharing stand at the top of the settings, with the days that are left. They stay in the settings for ever.</li>`
		: html`<li><strong>No choices to make.</strong> This version shares nothing, so there is nothing to choose after it is accepted.</li>`
}
</ol>`;
}

function sharing(view: VersionView): Html {
	const purposes = purposesOf(view);
	if (purposes.length === 0)
		return html`<p class="nothing">Nothing goes to anybody. This version names no purpose and no recipient, and the software shares only what a version names.</p>`;
	const choices = purposes.filter(isChoice);
	return html`${
		choices.length === 0
			? html`<p class="nothing">This version asks you about nothing.</p>`
			: html`<p class="quiet">You are asked about each of these by itself.</p>${table(choices, view)}`
	}
<p class="quiet">There is nothing else than what this page lists: no messages, no contacts, no groups, no media, and not who talks to whom. The software has no fields for these.</p>
<h3>Who they are</h3>
<dl>${policyRecipients(view)}</dl>`;
}

/** A section of its own: what no answer of a person decides about, with what it rests on and how to object (B6). */
function withoutYes(view: VersionView): Html | false {
	const residual = purposesOf(view).filter((one) => !isChoice(one));
	if (residual.length === 0) return false;
	return html`<section aria-labelledby="without-yes">
<h2 id="without-yes">What does not need your yes</h2>
<p class="quiet">A no to the choices does not stop these. None of them holds your number, and each has less than a choice has.</p>
${table(residual, view)}
<p class="quiet">How to object: <a href="${versionPath(view, "/faq")}#a-no-leaves">what a no does not stop</a>.</p>
</section>`;
}

function table(purposes: readonly PurposeView[], view: VersionView): Html {
	const heads = ["For what", "What", "To whom", "On what ground", "Kept at most"];
	return html`<table role="table">
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th role="columnheader" scope="col">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${purposes.map((purpose) => row(purpose, view, heads))}</tbody>
</table>`;
}

function row({ purpose, words, recipients, identity }: PurposeView, { text }: VersionView, heads: readonly string[]) {
	const { fields, basis, retentionDays, embargoDays, initial } = purpose;
	const objection = objectionWords(purpose);
	const ground = [
		basisWords(basis),
		...(initial === "on" ? ["shown as on"] : []),
		...(embargoDays === undefined ? [] : [`nothing in the first ${daysWords(embargoDays)} after acceptance`]),
		...(objection === undefined ? [] : [objection]),
	];
	const values: readonly Html[] = [
		html`<strong lang="${text.locale}">${words.title}</strong><span class="note" lang="${text.locale}">${words.body}</span>`,
		html`<ul class="fields">${fields.map((field) => html`<li>${fieldWords(field)}</li>`)}</ul>`,
		html`${recipients.map(({ name }) => name).join(", ")}<span class="note">${identityWords(identity)}</span>`,
		html`${ground.join("; ")}`,
		html`${daysWords(retentionDays)}<span class="note">without a new share</span>`,
	];
	return html`<tr role="row">${values.map((value, at) => html`<td role="cell" data-label="${heads[at] ?? ""}"><div>${value}</div></td>`)}</tr>`;
}

function policyRecipients({ policy }: VersionView): readonly Html[] {
	return policy.file.recipients.map(
		({ name, role, contact }) =>
			html`<dt>${name}</dt><dd>It ${roleWords(role)}. You can write to it at ${contact}.</dd>`,
	);
}

function acknowledgement({ policy }: VersionView): Html {
	const { acknowledgement: said, regions = [] } = policy.file;
	return html`<section aria-labelledby="answers"><h2 id="answers">Who answers for the boxes that are shown as on</h2>
<blockquote><p>${said}</p></blockquote>
<p class="quiet">Said by whoever runs this server, signed as a part of this version. It holds in: ${regions.join(", ")}.</p></section>`;
}
