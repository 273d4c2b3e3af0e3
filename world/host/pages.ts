/** The shop's two pages. The account page is all that a host has to do in a page: a place, the script, four lines. */
import { Html, html } from "@troth/protocol/html.ts";
import type { Customer } from "./sample-host.ts";

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
	input { font: inherit; padding: .5rem; border: 1px solid var(--line); border-radius: 4px; background: var(--ground); color: var(--ink); }
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
		html`<section><h2>Who are you?</h2><p>The sample customers need no password.</p>${buttons}</section>`,
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
