import { type Html, html } from "@troth/protocol/html.ts";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { openAction, personAction, sendPage, type Typed } from "../http/action.ts";
import { email } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { isPassword } from "./passwords.ts";
import type { PersonId, Viewer } from "./person.ts";

/** Wrong passwords for one address within this time; then it waits. */
const GUESSES = 10;
export const GUESSES_MS = 15 * 60 * 1000;

const Password = v.pipe(v.string("The password is missing."), v.maxLength(200, "The password is too long."));
const Input = v.object({ email, password: Password });

/** `POST /api/log-in` → `{person, token}`. Problems: LOG_IN_WRONG, TOO_MANY_TRIES (retryAt). And `/log-out`. */
export function serveLogIn(app: FastifyInstance, context: FamilyContext): void {
	app.get("/log-in", (_request, reply) => sendPage(reply, logInPage(context, {})));
	openAction(app, context, {
		path: "/log-in",
		input: Input,
		done: () => "/",
		session: ({ token }) => token,
		again: (_context, _viewer, problem, typed) => logInPage(context, typed, problem),
		run: logIn,
	});
	personAction(app, context, {
		path: "/log-out",
		input: v.object({}),
		done: () => "/",
		session: () => null,
		async run({ sessions }, _input, _viewer, request) {
			await sessions.close(request);
			return { loggedOut: true };
		},
	});
}

async function logIn(
	context: FamilyContext,
	{ email, password }: v.InferOutput<typeof Input>,
): Promise<{ person: PersonId; token: string }> {
	const person = await checkPassword(context, email, password);
	const token = await context.records
		.transaction()
		.execute((transaction) => context.sessions.open(transaction, person));
	return { person, token };
}

/** The person's password once more, before something that can not be undone. Problems as in `/log-in`. */
export async function confirmPassword(context: FamilyContext, viewer: Viewer, password: string): Promise<void> {
	await checkPassword(context, viewer.email, password);
}

/**
 * A guess is charged before it is compared and given back when it was right, so that guesses that come at the same time
 * can not be more than GUESSES. Unknown addresses are counted and answered like known ones.
 */
async function checkPassword(
	{ records, clock, keys, events }: FamilyContext,
	email: string,
	password: string,
): Promise<PersonId> {
	const now = clock.now();
	const tag = keys.tags.logIn(email);
	await records.transaction().execute(async (transaction) => {
		const failures = await transaction
			.selectFrom("log_in_failure")
			.select("at_ms")
			.where("email_tag", "=", tag)
			.where("at_ms", ">", now - GUESSES_MS)
			.orderBy("at_ms", "desc")
			.limit(GUESSES)
			.execute();
		const oldest = failures[GUESSES - 1];
		if (oldest !== undefined) {
			events.loggedIn("limited");
			const retryAtMs = oldest.at_ms + GUESSES_MS;
			throw new Problem("TOO_MANY_TRIES", "Too many wrong passwords. Please wait a quarter of an hour.", { retryAtMs });
		}
		await transaction.insertInto("log_in_failure").values({ email_tag: tag, at_ms: now }).execute();
	});
	const row = await records
		.selectFrom("person")
		.select(["person_id", "password_salt", "password_hash"])
		.where("email", "=", email)
		.executeTakeFirst();
	const stored = row && { salt: row.password_salt, hash: row.password_hash };
	if (!(await isPassword(password, stored)) || row === undefined) {
		events.loggedIn("wrong");
		throw new Problem("LOG_IN_WRONG", "E-mail address and password do not go together.");
	}
	await records.deleteFrom("log_in_failure").where("email_tag", "=", tag).execute();
	events.loggedIn("right");
	return row.person_id;
}

function logInPage(context: FamilyContext, typed: Typed, problem?: Problem): Html {
	const body = html`
<div class="narrow">
<h1>Welcome back</h1>
<form method="post" action="/log-in" class="card stack">
<label>E-mail<input name="email" type="email" required autocomplete="username" value="${typed["email"]}"></label>
<label>Password<input name="password" type="password" required autocomplete="current-password"></label>
<button>Log in</button>
</form>
<p class="quiet">New here? <a href="/sign-up">Sign up</a>.</p>
</div>`;
	return page({ context, viewer: undefined, title: "Log in", path: "/log-in", body, problem });
}
