/** `/terms`: the version in force, and every one that was published here. */

import { html } from "@troth/protocol/html.ts";
import type { Page } from "./frame.ts";
import { isChoice, type PublicVersion } from "./version-view.ts";
import { daysWords, dayWords, listWords } from "./words.ts";

/** @param versions from the first on */
export function versionsPage(versions: readonly PublicVersion[]): Page {
	const newest = versions.toReversed();
	const rows = newest.map((version, at) => {
		const { policy, publishedAtMs } = version;
		const until = newest[at - 1];
		return html`<li class="card">
<h2><a href="/terms/${policy.version}">Version ${policy.version}</a>${until === undefined && html` <span class="chip moss">In force</span>`}</h2>
<p class="quiet">${until === undefined ? `Since ${dayWords(publishedAtMs)}` : `From ${dayWords(publishedAtMs)} to ${dayWords(until.publishedAtMs)}`}. ${sharesWhat(version)}</p>
<p class="ways"><a href="/terms/${policy.version}">In short</a> <a href="/terms/${policy.version}/text">Legal text</a> <a href="/terms/${policy.version}/changes">What changed</a> <a href="/terms/${policy.version}/faq">Questions</a></p>
</li>`;
	});
	return {
		title: "Terms",
		description: "Every version of the terms that was published on this server, and the one in force.",
		body: html`<h1>Terms</h1>
<p class="lead">Terms of service and privacy policy are one signed document with a number. What was published once stays here, word for word.</p>
<ol class="plain" reversed>${rows}</ol>
<p class="quiet">What was promised, by whom and since when: <a href="/promises">the register of promises</a>.</p>`,
	};
}

function sharesWhat({ policy }: PublicVersion): string {
	const { purposes, file } = policy;
	if (purposes.size === 0) return "Shares nothing with anybody.";
	const embargo = Math.max(...file.purposes.map(({ embargoDays = 0 }) => embargoDays));
	const names = listWords(file.recipients.map(({ name }) => name));
	const asked = file.purposes.filter((purpose) => isChoice({ purpose })).length;
	const many = asked === 1 ? "One purpose" : `${asked} purposes`;
	const rest = purposes.size - asked;
	const narrow =
		rest === 0 ? "" : ` ${rest === 1 ? "One narrower thing needs" : `${rest} narrower things need`} no yes.`;
	return file.model === "opt_out"
		? `${many} with ${names}; some are shown as on, and nothing of those leaves in the first ${daysWords(embargo)} after acceptance.${narrow}`
		: `${many} with ${names}, each by itself.${narrow}`;
}
