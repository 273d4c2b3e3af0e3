/** `/promises`: who promised what, since when, in which words. */
import { MESSENGER, type PromiseRegister, type StandingPromise, standingPromises } from "@troth/bridge";
import { type Html, html } from "@troth/protocol/html.ts";
import type { Page } from "./frame.ts";
import type { PublicVersion } from "./version-view.ts";
import { dayWords, listWords } from "./words.ts";

/** @param versions from the first on */
export function promisesPage(register: PromiseRegister, versions: readonly PublicVersion[]): Page {
	const standing = standingPromises(
		register,
		versions.map(({ policy }) => policy),
	);
	const own = standing.filter(({ promise }) => promise.by.includes(MESSENGER));
	const theirs = standing.filter(({ promise }) => !promise.by.includes(MESSENGER));
	return {
		title: "Promises",
		description: "Who promised what, since when, and in which words of which version.",
		body: html`<h1>Promises</h1>
<p class="lead">Who promised what, since when. Each is a quotation from a signed version of the terms, and stays here whatever comes after it.</p>
<section aria-labelledby="ours"><h2 id="ours">Of this messenger</h2>
<ul class="plain">${own.map((one) => entry(one, register, versions))}</ul></section>
<section aria-labelledby="theirs"><h2 id="theirs">Of the companies that something may be shared with</h2>
${
	theirs.length === 0
		? html`<p class="nothing">Under the terms published here nothing is shared with any company, so none has promised anything.</p>`
		: html`<ul class="plain">${theirs.map((one) => entry(one, register, versions))}</ul>`
}</section>
<p class="quiet">For machines: <a href="/promises.json">the register</a>, edition ${register.register}, signed with the key of this server.</p>`,
	};
}

function entry(
	{ promise, said, inForce }: StandingPromise,
	{ referenceLocale }: PromiseRegister,
	versions: readonly PublicVersion[],
): Html {
	const words = promise.words[referenceLocale];
	const since = versions.find(({ policy }) => policy.version === said[0]?.version);
	return html`<li class="card" id="${promise.id}">
<h3>${words?.title}</h3>
${!inForce && html`<p><span class="chip rust">The version in force no longer says so</span></p>`}
<p>${words?.body}</p>
<p class="quiet">${promisedBy(promise.by, versions)}${since !== undefined && `, since version ${since.policy.version}, ${dayWords(since.publishedAtMs)}`}</p>
${byWords(said).map(
	([quoted, saying]) =>
		html`<blockquote><p>${quoted}</p><footer>${saying.map((version, at) => html`${at > 0 && ", "}<a href="/terms/${version}/text">Version ${version}</a>`)}</footer></blockquote>`,
)}
</li>`;
}

/** Each quotation once, with the versions that have it. */
function byWords(said: StandingPromise["said"]): readonly (readonly [string, readonly number[]])[] {
	const grouped = Map.groupBy(said, ({ words }) => words);
	return [...grouped].map(([words, versions]) => [words, versions.map(({ version }) => version)]);
}

function promisedBy(ids: readonly string[], versions: readonly PublicVersion[]): string {
	const named = versions.toReversed().flatMap(({ policy }) => policy.file.recipients);
	const name = (id: string) =>
		id === MESSENGER ? "Whoever runs this messenger" : (named.find((one) => one.id === id)?.name ?? id);
	return listWords(ids.map(name));
}
