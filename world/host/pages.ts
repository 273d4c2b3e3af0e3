/** The shop's pages. The account page is all that a host has to do in a page: a place, the script, four lines. */

import { ABUSE_LABELS, SCORE_CLASSES } from "@troth/protocol";
import { Html, html } from "@troth/protocol/html.ts";
import type { Customer } from "./sample-host.ts";
import { PURPOSE, type Watched } from "./staff.ts";

const STYLE = `
	:root { color-scheme: light dark; --ink: light-dark(#20302a, #e6f0ea); --green: light-dark(#1f6b4a, #8fd8b4);
		--ground: light-dark(#f4f8f2, #141a17); --card: light-dark(#ffffff, #1c2420); --line: light-dark(#cfdccf, #36443c); }
	* { box-sizing: border-box; }
	body { margin: 0 auto; max-width: 46rem; padding: 1rem; background: var(--ground); color: var(--ink);
		font: 1.05rem/1.5 Georgia, serif; }
	h1 { color: var(--green); } h2 { font-size: 1.2rem; margin: 0 0 .6rem; }
	section { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 0 0 1.2rem; }
	#sharing { padding: 0; overflow: hidden; }
	form { display: inline-flex; gap: .5rem; margin: 0 .6rem .6rem 0; flex-wrap: wrap; align-items: end; vertical-align: bottom; }
	label { display: grid; gap: .2rem; font-size: .95rem; }
	input, select { font: inherit; min-height: 2.75rem; padding: .5rem; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); color: var(--ink); }
	a { color: var(--green); }
	h3 { font-size: 1.05rem; margin: 1rem 0 .3rem; }
	.asks { border-inline-start: 4px solid var(--green); padding-inline-start: .7rem; }
	button { font: inherit; min-height: 2.75rem; padding: .3rem .9rem; border: 1px solid var(--green); border-radius: 4px;
		background: transparent; color: var(--green); cursor: pointer; }
`;

function page(title: string, body: Html): string {
	return html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><link rel="icon" href="data:,"><style>${new Html(STYLE)}</style></head><body><header><h1>Corner Shop</h1></header><main>${body}</main></body></html>`
		.text;
}

/** @param to where a company's page sent the person from, to be kept over the log-in */
export function logInPage(customers: readonly { readonly id: number; readonly name: string }[], to: string): string {
	const buttons = customers.map(
		({ id, name }) =>
			html`<form method="post" action="/log-in"><input type="hidden" name="to" value="${to}"><button name="customer" value="${id}">${name}</button></form>`,
	);
	return page(
		"Corner Shop",
		html`<section><h2>Who are you?</h2><p>The sample customers need no password.</p>${buttons}
			<p><a href="${STAFF_PATH}">I work here</a></p></section>`,
	);
}

/** Where companies send people who want to connect their accounts: `?to=` is the company's address. */
export const LINK_PATH = "/link-family";

export function accountPage({ name, mobile, basket }: Customer, bridge: string): string {
	const script = `
		const address = new URLSearchParams(location.search);
		troth.embed(document.getElementById("sharing"), {
			page: location.pathname === "${LINK_PATH}" ? "link" : address.get("sharing") ?? "notice",
			to: address.get("to"),
			token: () => fetch("/sharing-token", { method: "POST", headers: { "x-shop": "1" } }).then((answer) => answer.text()),
		});`;
	return page(
		`${name} – Corner Shop`,
		html`<section><h2>Hello ${name}</h2><p>In your basket: ${basket}.</p>
			<form method="post" action="/number"><label>Your number <input name="mobile" type="tel" value="${mobile}"></label><button>Change it</button></form>
			<form method="post" action="/log-out"><button>Log out</button></form>
			<form method="post" action="/leave"><button>Close my account</button></form></section>
			<section id="sharing" aria-label="Sharing"></section>
			<script src="${bridge}/embed.js"></script>
			<script>${new Html(script)}</script>`,
	);
}

export const STAFF_PATH = "/staff";

const LABELS: Readonly<Record<(typeof ABUSE_LABELS)[typeof PURPOSE][number], string>> = {
	bulk_messages: "Bulk messages",
	scam: "Scam",
	harassment: "Harassment",
	fake_account: "Fake account",
};

/** Whom the shop acted upon, and who objects. */
export function staffPage(customers: readonly Watched[]): string {
	const objecting = customers.filter(({ objected_at_ms }) => objected_at_ms !== null).length;
	return page(
		"Staff – Corner Shop",
		html`<section><h2>Accounts</h2>
			<p>Act upon an account only for what its customer did. The customer sees it and can object; Family and Photos are told the reason under a name that they can only recognise if they know the number already.</p>
			<p>${objecting === 0 ? "No objection waits." : `Objections that wait: ${objecting}.`}</p>
			${customers.map(accountForms)}
			<p><a href="/">Back to the shop</a></p></section>`,
	);
}

function accountForms({ id, name, label, grade, objected_at_ms: objectedAtMs }: Watched): Html {
	const button = (act: string, text: string) =>
		html`<form method="post" action="${STAFF_PATH}"><input type="hidden" name="customer" value="${id}"><button name="act" value="${act}" aria-label="${text}: ${name}">${text}</button></form>`;
	if (label === null || grade === null) return html`<h3>${name}</h3>${markForm(id, name)}`;
	const since = objectedAtMs === null ? "" : new Date(objectedAtMs).toISOString().slice(0, 10);
	const asks = html`<p class="asks">${name} objected on ${since}. Until you have looked at it, nobody is told of it.</p>
		${button("end", "They are right")}${button("keep", "It stands")}`;
	return html`<h3>${name}: ${isKnown(label) ? LABELS[label] : label}, ${grade}</h3>${
		objectedAtMs === null ? button("end", "End this") : asks
	}`;
}

function markForm(id: number, name: string): Html {
	const labels = ABUSE_LABELS[PURPOSE].map((label) => html`<option value="${label}">${LABELS[label]}</option>`);
	const grades = SCORE_CLASSES.map((grade) => html`<option>${grade}</option>`);
	return html`<form method="post" action="${STAFF_PATH}"><input type="hidden" name="customer" value="${id}">
		<label>Why<select name="label" aria-label="Why: ${name}">${labels}</select></label>
		<label>How grave<select name="grade" aria-label="How grave: ${name}">${grades}</select></label>
		<button name="act" value="mark" aria-label="Act upon the account: ${name}">Act upon the account</button></form>`;
}

function isKnown(label: string): label is keyof typeof LABELS {
	return Object.hasOwn(LABELS, label);
}
