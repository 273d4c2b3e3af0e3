/** The frame of every page: head, links, what just happened, and the page's own body. */

import { type Html, html } from "@troth/protocol/html.ts";
import type { FamilyContext } from "../context.ts";
import type { Problem } from "../http/problem.ts";
import type { Viewer } from "../people/person.ts";

export interface PageOptions {
	readonly context: Pick<FamilyContext, "company" | "navigation">;
	readonly viewer: Viewer | undefined;
	readonly title: string;
	/** Where the page lives, so that its link in the head is marked. */
	readonly path?: string;
	readonly body: Html;
	/** Key of `DONE`, from the query: what the last form did. */
	readonly done?: string | undefined;
	readonly problem?: Problem | undefined;
}

/** What a form did, shown on the page it leads to. A closed set: nothing of the query itself is shown. */
const DONE: Readonly<Record<string, string>> = {
	"request-sent": "They have your request now.",
	accepted: "You are friends now.",
	removed: "Removed.",
	posted: "Posted.",
	"code-sent": "We sent a code to that number.",
	verified: "That number is yours.",
	saved: "Saved.",
	"number-removed": "Your number is gone from here, and everything that came from it.",
	uploaded: "Your address book is here for 30 days.",
	"book-deleted": "Your address book is gone.",
	"kept-out": "Done: we keep that number out of every address book.",
};

const OWN_LINKS = [
	{ href: "/", title: "Home" },
	{ href: "/friends", title: "Friends" },
	{ href: "/phone", title: "Phone" },
	{ href: "/connect", title: "Connect" },
	{ href: "/about-me", title: "What we know" },
];

/** A whole page. */
export function page({ context, viewer, title, path, body, done, problem }: PageOptions): Html {
	const { company, navigation } = context;
	const links = viewer === undefined ? [] : [...OWN_LINKS, ...navigation];
	const happened = done === undefined ? undefined : DONE[done];
	return html`<!doctype html>
<html lang="en" data-company="${company.id}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${company.title}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<a class="skip" href="#main">Skip to the page</a>
<header>
<a class="brand" href="/"><span class="mark" aria-hidden="true"></span>${company.title}</a>
<nav aria-label="Main">
${links.map(({ href, title }) => html`<a href="${href}"${href === path && html` aria-current="page"`}>${title}</a>`)}
${
	viewer === undefined
		? html`<a href="/log-in">Log in</a><a class="button" href="/sign-up">Sign up</a>`
		: html`<form method="post" action="/log-out"><button class="plain">Log out</button></form>`
}
</nav>
</header>
<main id="main">
${happened !== undefined && html`<p class="note good" role="status">${happened}</p>`}
${problem !== undefined && html`<p class="note bad" role="alert">${problem.message}</p>`}
${body}
</main>
<footer>
<a href="/keep-out">Keep my number out</a>
<a href="/number">What we hold on my number</a>
<a href="/how-often">How often our services are used</a>
<a href="/receipts/checkpoint">Our log of what was shared with us</a>
</footer>
</body>
</html>
`;
}

/** A page for what has none of its own. */
export function problemPage(context: PageOptions["context"], viewer: Viewer | undefined, problem: Problem): Html {
	const body = html`<h1>That did not work</h1><p>${problem.message}</p><p><a class="button" href="/">Back to the start</a></p>`;
	return page({ context, viewer, title: "That did not work", body });
}
