/** What is around every public page: head, the seal with the name, the way to the other pages. */
import { type Html, html } from "@troth/protocol/html.ts";
import type { VersionView } from "./version-view.ts";
import { dayWords, languageWords } from "./words.ts";

export interface Page {
	readonly title: string;
	/** For who lists pages: one sentence. */
	readonly description: string;
	readonly body: Html;
}

export interface Frame {
	/** Path of the stylesheet. */
	readonly stylesheet: string;
	readonly here: "versions" | "promises" | undefined;
}

/** A whole page as text. */
export function renderPage({ title, description, body }: Page, { stylesheet, here }: Frame): string {
	const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="description" content="${description}">
<title>${title} · Troth</title>
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="seal">
<div class="column">
<a class="name" href="/terms">${MARK}<span>Troth</span></a>
<nav class="site" aria-label="Documents">
<a href="/terms"${here === "versions" && CURRENT}>Terms</a>
<a href="/promises"${here === "promises" && CURRENT}>Promises</a>
<a href="/">Open the app</a>
</nav>
</div>
</header>
<main id="content" class="column">
${body}
</main>
<footer class="column">
<p>This page is made from the signed policy of this server. It needs no account, sets no cookie and loads nothing from anywhere else.</p>
</footer>
</body>
</html>
`;
	return page.text;
}

const CURRENT = html` aria-current="page"`;

/** The two rings of the app, here without its variables. */
const MARK = html`<svg width="36" height="26" viewBox="0 0 44 32" aria-hidden="true" focusable="false"><circle class="ring" cx="15.5" cy="16" r="11" pathLength="360" stroke-dasharray="324 36" transform="rotate(72.2 15.5 16)"/><circle class="ring brass" cx="28.5" cy="16" r="11" pathLength="360" stroke-dasharray="324 36" transform="rotate(252.2 28.5 16)"/></svg>`;

export type VersionPlace = "" | "/text" | "/changes" | "/faq";

const PLACES: readonly (readonly [VersionPlace, string])[] = [
	["", "In short"],
	["/text", "Legal text"],
	["/changes", "What changed"],
	["/faq", "Questions"],
];

/** The address of a page of a version. */
export function versionPath({ policy, language }: VersionView, place: VersionPlace): string {
	const query = language === undefined ? "" : `?lang=${encodeURIComponent(language)}`;
	return `/terms/${policy.version}${place}${query}`;
}

/** Heading and ways of a page of a version. */
export function versionHead(view: VersionView, here: VersionPlace): Html {
	const { policy, publishedAtMs, after } = view;
	const ways = PLACES.map(
		([place, name]) => html`<a href="${versionPath(view, place)}"${place === here && CURRENT}>${name}</a>`,
	);
	return html`<p class="over">${
		after === undefined
			? html`<span class="chip moss">In force</span>`
			: html`<span class="chip">Replaced by <a href="/terms/${after.policy.version}">version ${after.policy.version}</a> on ${dayWords(after.publishedAtMs)}</span>`
	} Published on ${dayWords(publishedAtMs)}</p>
<h1>Version ${policy.version} of the terms</h1>
<nav class="tabs" aria-label="Version ${policy.version}">${ways}<a href="/terms/${policy.version}.json">For machines</a></nav>
${languages(view, here)}`;
}

/** Nothing where there is one language only. */
function languages({ policy, text }: VersionView, here: VersionPlace): Html | undefined {
	if (policy.texts.length < 2) return undefined;
	return html`<p class="languages">In ${policy.texts.map(
		({ locale }) =>
			html`<a href="/terms/${policy.version}${here}?lang=${encodeURIComponent(locale)}" hreflang="${locale}"${locale === text.locale && html` aria-current="true"`}>${languageWords(locale)}</a>`,
	)}</p>`;
}
