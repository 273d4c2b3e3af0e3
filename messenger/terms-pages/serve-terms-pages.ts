/**
 * The documents for everybody, on the messenger's origin: no login, no script, nothing from elsewhere. Every page is
 * made anew from what is published; a browser asks each time and gets 304 where nothing changed.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { readShippedPromises } from "@troth/bridge";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { MessengerContext } from "../context.ts";
import { announcementPage } from "./announcement-page.ts";
import { changesPage } from "./changes-page.ts";
import { faqPage } from "./faq-page.ts";
import { type Frame, type Page, renderPage } from "./frame.ts";
import { missingPage } from "./missing-page.ts";
import { promisesPage } from "./promises-page.ts";
import { textPage } from "./text-page.ts";
import { promisesJson, versionJson } from "./version-json.ts";
import { type VersionView, viewVersion } from "./version-view.ts";
import { versionsPage } from "./versions-page.ts";

const POLICY = [
	"default-src 'none'",
	"style-src 'self'",
	"base-uri 'none'",
	"form-action 'none'",
	"frame-ancestors 'none'",
].join("; ");
const ASK_EACH_TIME = "public, no-cache";
const FOREVER = "public, max-age=31536000, immutable";
const NUMBER = /^[1-9]\d{0,9}$/;
const HTML = "text/html; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

const PAGES: { readonly [place: string]: ((view: VersionView, absenceDays: number) => Page) | undefined } = {
	"": announcementPage,
	text: textPage,
	changes: changesPage,
	faq: faqPage,
};

/** Adds `/terms`, `/terms/…`, `/promises` and `/promises.json`. Rejects where the register can not be read. */
export async function serveTermsPages(app: FastifyInstance, context: MessengerContext): Promise<void> {
	const { terms, policyKey, absenceDays } = context;
	const register = await readShippedPromises();
	const style = await readFile(new URL("./pages.css", import.meta.url), "utf8");
	const stylesheet = `/terms/pages-${createHash("sha256").update(style).digest("hex").slice(0, 16)}.css`;

	const page = (request: FastifyRequest, reply: FastifyReply, here: Frame["here"], made: Page) =>
		answer(request, reply, HTML, renderPage(made, { stylesheet, here }));
	const missing = (request: FastifyRequest, reply: FastifyReply) =>
		page(request, reply.code(404), undefined, missingPage());

	app.get(stylesheet, (_request, reply) =>
		reply.type("text/css; charset=utf-8").header("cache-control", FOREVER).send(style),
	);
	app.get("/terms", (request, reply) => page(request, reply, "versions", versionsPage(terms.versions)));
	app.get("/promises", (request, reply) => page(request, reply, "promises", promisesPage(register, terms.versions)));
	app.get("/promises.json", (request, reply) => answer(request, reply, JSON_TYPE, promisesJson(register, policyKey)));
	app.get<{ Params: { "*": string }; Querystring: { lang?: unknown } }>("/terms/*", (request, reply) => {
		const [name = "", place = "", ...more] = request.params["*"].split("/");
		const machine = place === "" && name.endsWith(".json");
		const number = machine ? name.slice(0, -".json".length) : name;
		const { lang } = request.query;
		const view =
			NUMBER.test(number) && more.length === 0
				? viewVersion(terms.versions, Number(number), typeof lang === "string" ? lang : undefined)
				: undefined;
		const make = Object.hasOwn(PAGES, place) ? PAGES[place] : undefined;
		if (view === undefined || make === undefined) return missing(request, reply);
		if (machine) return answer(request, reply, JSON_TYPE, versionJson(view, policyKey));
		return page(request, reply, "versions", make(view, absenceDays));
	});
}

/** Sends it with its tag, or 304 to who has it already. */
function answer(request: FastifyRequest, reply: FastifyReply, type: string, body: string): FastifyReply {
	const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
	reply.headers({
		"cache-control": ASK_EACH_TIME,
		"content-security-policy": POLICY,
		etag: tag,
	});
	const has = request.headers["if-none-match"]?.split(",").map((one) => one.trim().replace(/^W\//, ""));
	if (reply.statusCode === 200 && has?.some((one) => one === tag || one === "*") === true)
		return reply.code(304).send();
	return reply.type(type).send(body);
}
