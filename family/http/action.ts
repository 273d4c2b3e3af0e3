/**
 * What a person can do, as one definition with two surfaces: a form at `/path` for browsers without JavaScript, answered
 * with a redirect or with the page again, and JSON at `/api/path` for programs with a bearer token.
 */

import type { Html } from "@troth/protocol/html.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { problemPage } from "../pages/page.ts";
import type { Viewer } from "../people/person.ts";
import { isApi } from "../people/sessions.ts";
import { Problem, problemJson } from "./problem.ts";

/** What was typed into a form that is shown again. */
export type Typed = Readonly<Record<string, string>>;

interface ActionShape<Schema extends v.GenericSchema, Output> {
	/** "/friends/request" */
	readonly path: string;
	readonly input: Schema;
	/** Where a browser goes after it. */
	done(output: Output): string;
	/** The form again, with what went wrong; a page of its own where it is left out. Never show a password again. */
	again?(context: FamilyContext, viewer: Viewer | undefined, problem: Problem, typed: Typed): Html | Promise<Html>;
	/** The browser's session afterwards: a token, or null for none. Left out: as it was. */
	session?(output: Output): string | null;
	/** HTTP status for programs; 200 where it is left out. */
	readonly status?: number;
}

export interface OpenAction<Schema extends v.GenericSchema, Output> extends ActionShape<Schema, Output> {
	run(context: FamilyContext, input: v.InferOutput<Schema>, request: FastifyRequest): Promise<Output>;
}

export interface PersonAction<Schema extends v.GenericSchema, Output> extends ActionShape<Schema, Output> {
	run(context: FamilyContext, input: v.InferOutput<Schema>, viewer: Viewer, request: FastifyRequest): Promise<Output>;
}

/** An action for everybody. */
export function openAction<Schema extends v.GenericSchema, Output>(
	app: FastifyInstance,
	context: FamilyContext,
	action: OpenAction<Schema, Output>,
): void {
	serve(app, context, action, async (input, _viewer, request) => action.run(context, input, request));
}

/** An action for people who are logged in. */
export function personAction<Schema extends v.GenericSchema, Output>(
	app: FastifyInstance,
	context: FamilyContext,
	action: PersonAction<Schema, Output>,
): void {
	serve(app, context, action, async (input, viewer, request) => action.run(context, input, known(viewer), request));
}

/** The viewer of a page for people who are logged in. Throws Problem UNAUTHENTICATED. */
export async function requireViewer(context: FamilyContext, request: FastifyRequest): Promise<Viewer> {
	return known(await context.sessions.viewerOf(request));
}

function known(viewer: Viewer | undefined): Viewer {
	if (viewer === undefined) throw new Problem("UNAUTHENTICATED", "Please log in first.");
	return viewer;
}

function serve<Schema extends v.GenericSchema, Output>(
	app: FastifyInstance,
	context: FamilyContext,
	action: ActionShape<Schema, Output>,
	run: (input: v.InferOutput<Schema>, viewer: Viewer | undefined, request: FastifyRequest) => Promise<Output>,
): void {
	const perform = async (request: FastifyRequest): Promise<Output> => {
		const viewer = await context.sessions.viewerOf(request);
		return run(readInput(action.input, request.body), viewer, request);
	};
	app.post(`/api${action.path}`, async (request, reply) => {
		const output = await perform(request);
		return reply.code(action.status ?? 200).send(output);
	});
	app.post(action.path, { config: { form: true } }, async (request, reply) => {
		try {
			const output = await perform(request);
			const session = action.session?.(output);
			if (session !== undefined) context.sessions.setCookie(reply, session ?? undefined);
			return reply.redirect(action.done(output), 303);
		} catch (error) {
			if (!(error instanceof Problem) || error.code === "UNAUTHENTICATED" || action.again === undefined) throw error;
			context.events.refused(error.code);
			const viewer = await context.sessions.viewerOf(request);
			const page = await action.again(context, viewer, error, typedIn(request.body));
			return sendPage(reply.code(error.status), page);
		}
	});
}

/** Sends a page; never to be kept by anybody on the way. */
export function sendPage(reply: FastifyReply, page: Html): FastifyReply {
	return reply.type("text/html; charset=utf-8").header("cache-control", "no-store").send(page.text);
}

/** The one place where an error becomes an answer: a page for browsers, JSON for programs. */
export async function sendProblem(
	context: FamilyContext,
	request: FastifyRequest,
	reply: FastifyReply,
	problem: Problem,
): Promise<FastifyReply> {
	context.events.refused(problem.code);
	if (problem.code === "INTERNAL") context.events.failed(request.routeOptions.url ?? "unknown path", problem.cause);
	reply.code(problem.status);
	if (isApi(request) || !(request.headers.accept ?? "").includes("text/html")) return reply.send(problemJson(problem));
	if (problem.code === "UNAUTHENTICATED") return reply.redirect("/log-in", 303);
	return sendPage(reply, problemPage(context, await context.sessions.viewerOf(request), problem));
}

function readInput<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
	const parsed = v.safeParse(schema, body ?? {});
	if (parsed.success) return parsed.output;
	throw new Problem("MALFORMED", parsed.issues.map((issue) => issue.message).join(" "));
}

function typedIn(body: unknown): Typed {
	if (typeof body !== "object" || body === null) return {};
	return Object.fromEntries(Object.entries(body).filter((entry) => typeof entry[1] === "string"));
}
