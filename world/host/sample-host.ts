/**
 * The sample host application: a shop with customers of its own that embeds the bridge's pages. It has a page to log in,
 * an account page and one for its staff, tells the bridge what it has to know, and takes objections from it.
 */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";
import { type Clock, dayText, utcDayOf } from "@troth/protocol";
import { type Customers, fillCustomers, openCustomers, VISIT_DAYS } from "./customers.ts";
import { hostToken } from "./host-token.ts";
import { accountPage, LINK_PATH, logInPage, STAFF_PATH, staffPage } from "./pages.ts";
import { signCall } from "./sign-call.ts";
import { actUpon, hearObjection, type Told, watched } from "./staff.ts";

export interface SampleHostOptions {
	readonly clock: Clock;
	/** The shop's database. */
	readonly path: string;
	readonly host?: string;
	readonly port?: number;
	readonly people: readonly { readonly name: string; readonly phone: string }[];
	/** Of the bridge, as browsers and the shop reach it. */
	readonly bridge: string;
	readonly audience: string;
	/** With what it signs its customers' tokens, and its calls. */
	readonly tokenSecret: string;
	readonly eventsSecret: string;
}

export interface SampleHost extends AsyncDisposable {
	readonly url: string;
}

const COOKIE = /(?:^|; )shop=([0-9a-f]{32})/;
const BODY_BYTES = 4096;
const OBJECTIONS_PATH = "/objections";
/** Another port of the same machine is the same site. What says nothing is no browser. */
const OWN_PAGES: ReadonlySet<unknown> = new Set(["same-origin", "none", undefined]);
const DAY_MS = 24 * 3600 * 1000;

export async function startSampleHost(options: SampleHostOptions): Promise<SampleHost> {
	await using undo = new AsyncDisposableStack();
	await mkdir(dirname(options.path), { recursive: true });
	const customers = undo.adopt(await openCustomers(options.path), (db) => db.destroy());
	await fillCustomers(customers, options.people);
	const shop = new Shop(options, customers);
	await shop.forgetVisits();
	let daily = options.clock.after(DAY_MS, function again() {
		shop.forgetVisits().catch(() => {});
		daily = options.clock.after(DAY_MS, again);
	});
	undo.defer(() => daily.cancel());
	const server = createServer((request, response) => {
		shop.answer(request, response).catch(() => reply(response, 500, "The shop failed."));
	});
	server.listen(options.port ?? 0, options.host ?? "127.0.0.1");
	await once(server, "listening");
	undo.defer(async () => {
		server.close();
		server.closeAllConnections();
		await once(server, "close");
	});
	const running = undo.move();
	return {
		url: `http://${options.host ?? "127.0.0.1"}:${(server.address() as AddressInfo).port}`,
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}

class Shop {
	readonly #options: SampleHostOptions;
	readonly #customers: Customers;
	/** Customer by cookie. */
	readonly #sessions = new Map<string, number>();

	constructor(options: SampleHostOptions, customers: Customers) {
		this.#options = options;
		this.#customers = customers;
	}

	async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://shop");
		const cookie = COOKIE.exec(request.headers.cookie ?? "")?.[1] ?? "";
		const customer = await this.#customer(this.#sessions.get(cookie));
		const post = request.method === "POST";
		if (path === OBJECTIONS_PATH && post) return this.#objection(request, response);
		if (path === STAFF_PATH) return post ? this.#act(request, response) : this.#staff(response);
		if ((path === "/" || path === LINK_PATH) && !post)
			return this.#front(response, customer, searchParams.get("to") ?? "");
		if (path === "/log-in" && post) return this.#logIn(response, await formOf(request));
		if (customer === undefined) return reply(response, 401, "Please log in.");
		if (path === "/sharing-token" && post) return this.#token(request, response, customer.id);
		if (path === "/log-out" && post) {
			this.#sessions.delete(cookie);
			return see(response, "/");
		}
		if (path === "/number" && post) {
			const mobile = (await formOf(request)).get("mobile");
			await this.#customers.updateTable("customer").set({ mobile }).where("id", "=", customer.id).execute();
			await this.#tell({ type: "changed" }, customer.id);
			return see(response, "/");
		}
		if (path === "/leave" && post) {
			await this.#customers.deleteFrom("customer").where("id", "=", customer.id).execute();
			this.#sessions.delete(cookie);
			await this.#tell({ type: "deleted" }, customer.id);
			return see(response, "/");
		}
		return reply(response, 404, "There is no such page.");
	}

	/** What is older than the classes of use reach back is nobody's business, the shop's own included. */
	async forgetVisits(): Promise<void> {
		const first = dayText(utcDayOf(this.#options.clock.now()) - VISIT_DAYS + 1);
		await this.#customers.deleteFrom("visit").where("day", "<", first).execute();
	}

	async #visited(customer: number): Promise<void> {
		const day = dayText(utcDayOf(this.#options.clock.now()));
		await this.#customers
			.insertInto("visit")
			.values({ customer, day })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
	}

	async #front(response: ServerResponse, customer: Customer | undefined, to: string): Promise<void> {
		if (customer !== undefined) await this.#visited(customer.id);
		const page =
			customer === undefined
				? logInPage(await this.#customers.selectFrom("customer").select(["id", "name"]).orderBy("id").execute(), to)
				: accountPage(customer, this.#options.bridge);
		response.setHeader(
			"content-security-policy",
			`default-src 'self'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline' ${this.#options.bridge}; frame-src ${this.#options.bridge}; frame-ancestors 'none'`,
		);
		return reply(response, 200, page, "text/html; charset=utf-8");
	}

	async #logIn(response: ServerResponse, form: URLSearchParams): Promise<void> {
		const id = Number(form.get("customer"));
		const to = form.get("to") ?? "";
		if ((await this.#customer(id)) === undefined) return reply(response, 404, "There is no such customer.");
		const cookie = randomBytes(16).toString("hex");
		this.#sessions.set(cookie, id);
		// Lax, not Strict: a company's page sends people here, and they are still logged in then.
		response.setHeader("set-cookie", `shop=${cookie}; HttpOnly; SameSite=Lax; Path=/`);
		return see(response, to === "" ? "/" : `${LINK_PATH}?to=${encodeURIComponent(to)}`);
	}

	/** Only the shop's own pages ask: a form of another site can not send this header. */
	#token(request: IncomingMessage, response: ServerResponse, id: number): void {
		const { tokenSecret, audience, clock } = this.#options;
		const locale = request.headers["accept-language"]?.split(",")[0]?.trim() ?? "en";
		if (request.headers["x-shop"] !== "1") reply(response, 403, "Not from this page.");
		else reply(response, 200, hostToken(tokenSecret, audience, clock.now(), { id: String(id), locale }));
	}

	async #staff(response: ServerResponse): Promise<void> {
		response.setHeader(
			"content-security-policy",
			"default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'",
		);
		return reply(response, 200, staffPage(await watched(this.#customers)), "text/html; charset=utf-8");
	}

	/** Staff need no password here, as customers do not; a form of another site is refused all the same. */
	async #act(request: IncomingMessage, response: ServerResponse): Promise<void> {
		if (!OWN_PAGES.has(request.headers["sec-fetch-site"])) return reply(response, 403, "Not from this page.");
		const form = await formOf(request);
		const customer = await this.#customer(Number(form.get("customer")));
		if (customer === undefined) return reply(response, 404, "There is no such customer.");
		const told = await actUpon(this.#customers, customer.id, form);
		if (told === undefined) return reply(response, 400, "Nothing that can be done.");
		await this.#tell(told, customer.id);
		return see(response, STAFF_PATH);
	}

	async #objection(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { eventsSecret: secret, clock } = this.#options;
		const signature = String(request.headers["troth-signature"] ?? "");
		const call = { body: await textOf(request), signature };
		const status = await hearObjection(this.#customers, { secret, nowMs: clock.now() }, call);
		response.writeHead(status).end();
	}

	/** The bridge hears at once; where it is away, its sweep finds out. */
	async #tell(told: Told | { readonly type: "deleted" }, id: number): Promise<void> {
		const { bridge, eventsSecret, clock } = this.#options;
		const body = JSON.stringify({ ...told, id: String(id) });
		const headers = {
			"content-type": "application/json",
			"troth-signature": signCall(eventsSecret, clock.now(), body),
		};
		await fetch(`${bridge}/host/events`, { method: "POST", headers, body }).catch(() => {});
	}

	async #customer(id: number | undefined): Promise<Customer | undefined> {
		if (id === undefined || !Number.isSafeInteger(id)) return undefined;
		return this.#customers.selectFrom("customer").selectAll().where("id", "=", id).executeTakeFirst();
	}
}

export interface Customer {
	readonly id: number;
	readonly name: string;
	readonly mobile: string | null;
	readonly basket: string;
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
	return new URLSearchParams(await textOf(request));
}

async function textOf(request: IncomingMessage): Promise<string> {
	let text = "";
	for await (const chunk of request) {
		text += chunk;
		if (text.length > BODY_BYTES) throw new RangeError("the body is too large");
	}
	return text;
}

function see(response: ServerResponse, path: string): void {
	response.writeHead(303, { location: path }).end();
}

function reply(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8"): void {
	response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(text);
}
