/** What is around every page of the operator. */
import { type Html, html } from "@troth/protocol/html.ts";

export const PLACES = [
	["", "Overview"],
	["/terms", "Terms"],
	["/sharing", "Sharing"],
	["/businesses", "Businesses"],
	["/people", "People"],
	["/audit", "Audit"],
] as const;

export type Place = (typeof PLACES)[number][0];

export interface OperatorPage {
	readonly title: string;
	readonly body: Html;
}

export interface Surroundings {
	/** Path of the stylesheet. */
	readonly stylesheet: string;
	/** Undefined outside a session. */
	readonly formToken: string | undefined;
	readonly here: Place | undefined;
	/** What an act led to, said once above the page. */
	readonly said?: { readonly good: boolean; readonly text: string } | undefined;
}

/** Where the pages are; the API of programs is beside them, at `/operator/…` without `view`. */
export const ROOT = "/operator";
export const VIEW = "/operator/view";

export const placePath = (place: Place): string => (place === "" ? ROOT : VIEW + place);

export function renderOperatorPage({ title, body }: OperatorPage, around: Surroundings): string {
	const { stylesheet, formToken, here, said } = around;
	const links = PLACES.map(
		([place, name]) => html`<a href="${placePath(place)}"${place === here && html` aria-current="page"`}>${name}</a>`,
	);
	const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${title} · Operator · Troth</title>
<link rel="stylesheet" href="${stylesheet}">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="seal">
<div class="column">
<p class="name">${MARK}<span>Troth <small>Operator</small></span></p>
${
	formToken !== undefined &&
	html`<nav class="site" aria-label="Operator">${links}</nav>
<form class="leave" method="post" action="${VIEW}/logout">${formField(formToken)}<button class="plain-button">Log out</button></form>`
}
</div>
</header>
<main id="content" class="column">
${said !== undefined && html`<p class="said ${said.good ? "good" : "bad"}" role="status">${said.text}</p>`}
${body}
</main>
</body>
</html>
`;
	return page.text;
}

/** Has to stand in every form. */
export const formField = (formToken: string): Html => html`<input type="hidden" name="form" value="${formToken}">`;

/** Why somebody looks or acts: what the audit keeps. `id`: once on a page. */
export function reasonField(id: string, question: string): Html {
	return html`<label for="reason-${id}">${question}</label>
<textarea id="reason-${id}" name="reason" rows="2" minlength="8" maxlength="500" aria-describedby="rule-${id}" required></textarea>
<p class="quiet" id="rule-${id}">At least eight characters, and no phone number: the <a href="${VIEW}/audit">audit</a> is kept longer than accounts are.</p>`;
}

const MARK = html`<svg width="36" height="26" viewBox="0 0 44 32" aria-hidden="true" focusable="false"><circle class="ring" cx="15.5" cy="16" r="11" pathLength="360" stroke-dasharray="324 36" transform="rotate(72.2 15.5 16)"/><circle class="ring brass" cx="28.5" cy="16" r="11" pathLength="360" stroke-dasharray="324 36" transform="rotate(252.2 28.5 16)"/></svg>`;

/** A table that becomes a list of cards where there is no room for columns. The first column names its row. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly (Html | string)[])[]): Html {
	return html`<table role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th role="columnheader" scope="col">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
		(row) =>
			html`<tr role="row">${row.map((cell, at) => html`<td role="cell" data-label="${heads[at] ?? ""}"><div>${cell}</div></td>`)}</tr>`,
	)}</tbody></table>`;
}

export interface Fact {
	readonly name: string;
	readonly value: string;
	/** A few words below the value. */
	readonly note?: string | undefined;
	/** Somebody should do something. */
	readonly alarming?: boolean;
}

/** Numbers side by side. */
export function facts(list: readonly Fact[]): Html {
	return html`<dl class="facts">${list.map(
		({ name, value, note, alarming }) =>
			html`<div${alarming === true && html` class="alarming"`}><dt>${name}</dt><dd><strong>${value}</strong>${note !== undefined && html`<span class="note">${note}</span>`}</dd></div>`,
	)}</dl>`;
}
