/**
 * The operator's pages, on the messenger's origin: HTML from the server, no script, a session in a cookie that no other
 * site can make a browser send. Where no token is configured they do not exist.
 */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { lintSuccession, PolicyError, parsePolicy } from "@troth/bridge";
import { type Clock, Refusal } from "@troth/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { MessengerContext } from "../context.ts";
import { readAudit } from "../operator/audit.ts";
import { postBusiness } from "../operator/businesses.ts";
import { describeRollout } from "../operator/rollout.ts";
import { publishTerms } from "../operator/terms.ts";
import { TokenBuckets } from "../rate-limits/token-buckets.ts";
import { acceptedOrigins } from "../sessions/origins.ts";
import { accountPage } from "./account-page.ts";
import { auditPage } from "./audit-page.ts";
import { businessesPage } from "./businesses-page.ts";
import { type OperatorPage, type Place, placePath, ROOT, renderOperatorPage, VIEW } from "./frame.ts";
import { loginPage } from "./login-page.ts";
import { lookUp } from "./look-up.ts";
import { overviewPage } from "./overview-page.ts";
import { peoplePage } from "./people-page.ts";
import { type Preview, previewPage } from "./preview-page.ts";
import { endedYeses, readBusinesses, readFigures, readOverview, readPeople, readTerms } from "./read-facts.ts";
import { type Form, readForm, takeForms } from "./read-form.ts";
import { readReport } from "./read-report.ts";
import { reportPage } from "./report-part.ts";
import { OperatorSessions, SESSION_MS, same } from "./sessions.ts";
import { sharingPage } from "./sharing-page.ts";
import { takeAction } from "./take-action.ts";
import { termsPage, titleOf } from "./terms-page.ts";

const POLICY = [
	"default-src 'none'",
	"style-src 'self'",
	"base-uri 'none'",
	"form-action 'self'",
	"frame-ancestors 'none'",
].join("; ");
const COOKIE = "troth-operator";
const LINES_SHOWN = 100;
const LOGINS = { capacity: 10, refillMs: 10 * 60_000 };

/** A page, or what is said above another one. */
interface Answer {
	readonly page: OperatorPage;
	readonly here: Place;
	readonly status?: number;
	readonly said?: { readonly good: boolean; readonly text: string };
}

type Handler = (formToken: string, request: FastifyRequest, form: Form) => Promise<Answer | { readonly to: string }>;

/** Adds the pages; none without a token. Rejects where the stylesheet can not be read. */
export async function serveOperatorPages(
	app: FastifyInstance,
	context: MessengerContext,
	token: string | undefined,
): Promise<void> {
	if (token === undefined) return;
	const { origin, records, clock } = context;
	const sessions = new OperatorSessions(records, clock, token);
	const logins = new TokenBuckets(clock as Clock, LOGINS);
	const style = await readStyle();
	const stylesheet = `${VIEW}/pages-${createHash("sha256").update(style).digest("hex").slice(0, 16)}.css`;
	const origins = acceptedOrigins(origin);
	const secure = origin.startsWith("https:") ? "; Secure" : "";
	const cookie = (value: string, seconds: number) =>
		`${COOKIE}=${value}; Path=${ROOT}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`;
	const send = (reply: FastifyReply, formToken: string | undefined, { page, here, status = 200, said }: Answer) =>
		reply
			.code(status)
			.type("text/html; charset=utf-8")
			.send(
				renderOperatorPage(page, { stylesheet, formToken, here: formToken === undefined ? undefined : here, said }),
			);

	await app.register(async (scope) => {
		takeForms(scope);
		scope.addHook("onRequest", async (request, reply) => {
			reply.headers({
				"cache-control": "no-store",
				"content-security-policy": POLICY,
				// A form's Origin is left out without a referrer.
				"referrer-policy": "same-origin",
			});
			const { origin: from } = request.headers;
			if (request.method === "POST" && from !== undefined && !origins.has(from))
				return reply.code(403).type("text/plain").send("This form is not from this server.");
		});
		scope.get(stylesheet, (_request, reply) =>
			reply.type("text/css; charset=utf-8").header("cache-control", "public, max-age=31536000, immutable").send(style),
		);

		/** Every page but the login: with a session, and with its token in each form. */
		const handle = (method: "GET" | "POST", path: string, handler: Handler) =>
			scope.route({
				method,
				url: path,
				handler: async (request, reply) => {
					const session = await sessions.read(cookieOf(request));
					if (session === undefined) {
						if (method === "POST") return reply.redirect(ROOT, 303);
						return send(reply, undefined, { page: loginPage(false), here: "", status: 401 });
					}
					const { formToken } = session;
					const form = await readForm(request);
					if (method === "POST" && !same(form.get("form") ?? "", formToken))
						return reply.code(403).type("text/plain").send("This form is not from this session.");
					const answer = await handler(formToken, request, form);
					return "to" in answer ? reply.redirect(answer.to, 303) : send(reply, formToken, answer);
				},
			});

		scope.post(`${VIEW}/login`, async (request, reply) => {
			// One bucket for all: who guesses holds up the operator for minutes, not for ever.
			logins.spend("login");
			const secret = await sessions.open((await readForm(request)).get("token") ?? "");
			if (secret === undefined) return send(reply, undefined, { page: loginPage(true), here: "", status: 401 });
			return reply.header("set-cookie", cookie(secret, SESSION_MS / 1000)).redirect(ROOT, 303);
		});
		handle("POST", `${VIEW}/logout`, async (_token, request) => {
			await sessions.close(cookieOf(request) ?? "");
			return { to: ROOT };
		});
		handle("GET", ROOT, async () => ({ page: overviewPage(await readOverview(context), clock.now()), here: "" }));
		for (const { method, path, handler } of pagesOf(context)) handle(method, VIEW + path, handler);
	});
}

function pagesOf(context: MessengerContext) {
	const { records, clock, terms } = context;
	const pages: { readonly method: "GET" | "POST"; readonly path: string; readonly handler: Handler }[] = [];
	const get = (path: string, handler: Handler) => pages.push({ method: "GET", path, handler });
	const post = (path: string, handler: Handler) => pages.push({ method: "POST", path, handler });
	const termsAnswer = async (formToken: string, said?: Answer["said"]): Promise<Answer> => {
		return { page: termsPage(await readTerms(context), formToken), here: "/terms", ...(said && { said }) };
	};
	const businessesAnswer = async (formToken: string, said?: Answer["said"]): Promise<Answer> => {
		return {
			page: businessesPage(await readBusinesses(context), formToken),
			here: "/businesses",
			...(said && { said }),
		};
	};
	const peopleAnswer = async (formToken: string, account: string, said?: Answer["said"]): Promise<Answer> => {
		return { page: peoplePage(await readPeople(context), formToken, account), here: "/people", ...(said && { said }) };
	};

	get("/terms", (formToken) => termsAnswer(formToken));
	post("/terms/preview", async (formToken, _request, form) => {
		const file = form.get("file") ?? "";
		const text = file === "" ? (form.get("policy") ?? "") : file;
		const preview = await previewOf(context, text);
		const status = preview.kind === "findings" ? 422 : 200;
		return { page: previewPage(preview, formToken), here: "/terms", status };
	});
	post("/terms/publish", async (formToken, _request, form) => {
		const answer = await publishTerms(context, readJson(form.get("policy") ?? ""));
		if (answer.status === 201) return { to: placePath("/terms") };
		if (answer.status === 409)
			return termsAnswer(formToken, {
				good: false,
				text: "A version with this number, or a newer one, was published meanwhile.",
			});
		return {
			page: previewPage(await previewOf(context, form.get("policy") ?? ""), formToken),
			here: "/terms",
			status: 422,
		};
	});
	get("/sharing", async () => {
		const title = (purpose: string) => titleOf(terms.current, purpose);
		return { page: sharingPage(await readFigures(context), clock.now(), title), here: "/sharing" };
	});
	get("/businesses", (formToken) => businessesAnswer(formToken));
	post("/businesses", async (formToken, _request, form) => {
		const { status, body } = await postBusiness(context, { phone: form.get("phone"), name: form.get("name") });
		if (status === 201) return { to: placePath("/businesses") };
		const why = "message" in body ? String(body.message) : "that did not work";
		return businessesAnswer(formToken, { good: false, text: `Not approved: ${why}.` });
	});
	get("/people", (formToken, request) => {
		const { account } = request.query as { readonly account?: unknown };
		return peopleAnswer(formToken, readAccountId(account));
	});
	post("/people/look", async (formToken, _request, form) => {
		try {
			const facts = await lookUp(context, form.get("whom") ?? "", form.get("reason") ?? "");
			return { page: accountPage(facts, formToken), here: "/people" };
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			return peopleAnswer(formToken, "", { good: false, text: `Nothing is shown: ${error.message}.` });
		}
	});
	post("/people/report", async (formToken, _request, form) => {
		try {
			const report = await readReport(context, form.get("report") ?? "", form.get("reason") ?? "");
			return { page: reportPage(report), here: "/people" };
		} catch (error) {
			if (!(error instanceof Refusal)) throw error;
			return peopleAnswer(formToken, "", { good: false, text: `Nothing is shown: ${error.message}.` });
		}
	});
	for (const how of ["limit", "lift", "keep"] as const)
		post(`/people/${how}`, async (formToken, _request, form) => {
			const { facts, said } = await takeAction(context, how, form);
			if (facts === undefined) return peopleAnswer(formToken, readAccountId(form.get("account")), said);
			return { page: accountPage(facts, formToken), here: "/people", said };
		});
	get("/audit", async (_formToken, request) => {
		const { before } = request.query as { readonly before?: unknown };
		const from = typeof before === "string" && /^\d{1,15}$/.test(before) ? Number(before) : undefined;
		const lines = await readAudit(records, { before: from, limit: LINES_SHOWN + 1 });
		return { page: auditPage(lines.slice(0, LINES_SHOWN), lines.length > LINES_SHOWN), here: "/audit" };
	});
	return pages;
}

/** Empty for everything else. */
function readAccountId(text: unknown): string {
	return typeof text === "string" && /^[0-9a-f]{32}$/.test(text) ? text : "";
}

async function previewOf(context: MessengerContext, text: string): Promise<Preview> {
	const { terms } = context;
	try {
		const policy = parsePolicy(text);
		if (policy.version <= terms.current.version)
			return {
				kind: "findings",
				message: `Its number is ${policy.version}, and version ${terms.current.version} is in force`,
				findings: [],
			};
		const findings = lintSuccession(
			policy,
			terms.versions.map((version) => version.policy),
		);
		if (findings.length > 0) return { kind: "findings", message: "It can not follow the versions before", findings };
		const { versions } = await describeRollout(context);
		const accounts = versions[0]?.accounts ?? 0;
		return { kind: "ready", policy, before: terms.current, accounts, endsYeses: await endedYeses(context, policy) };
	} catch (error) {
		if (!(error instanceof PolicyError)) throw error;
		const { message, findings } = error;
		return { kind: "findings", message: message.charAt(0).toUpperCase() + message.slice(1), findings };
	}
}

function readJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function cookieOf({ headers }: FastifyRequest): string | undefined {
	const pairs = headers.cookie?.split(";").map((pair) => pair.trim().split("=")) ?? [];
	return pairs.find(([name]) => name === COOKIE)?.[1];
}

/** The public pages' look, and what is added to it. */
async function readStyle(): Promise<string> {
	const files = ["../terms-pages/pages.css", "./operator.css"];
	return (await Promise.all(files.map((file) => readFile(new URL(file, import.meta.url), "utf8")))).join("");
}
