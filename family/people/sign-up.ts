import { randomBytes } from "node:crypto";
import { ID_BYTES, toHex } from "@troth/protocol";
import { type Html, html } from "@troth/protocol/html.ts";
import { StoreError } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { openAction, sendPage, type Typed } from "../http/action.ts";
import { email, line, wholeNumber } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import { page } from "../pages/page.ts";
import { storePassword } from "./passwords.ts";
import type { PersonId } from "./person.ts";

const EARLIEST_YEAR = 1900;
/** Nobody younger has an account (COPPA; GDPR article 8 lets states go down to it). */
const YOUNGEST = 13;

const Input = v.object({
	name: line("The name", 60),
	email,
	password: v.pipe(
		v.string("The password is missing."),
		v.minLength(10, "The password has to have at least 10 characters."),
		v.maxLength(200, "The password is too long."),
	),
	birthYear: wholeNumber("The year of birth", EARLIEST_YEAR, 9999),
});

/** `POST /api/sign-up` → 201 `{person, token}`. Problems: MALFORMED, EMAIL_TAKEN. */
export function serveSignUp(app: FastifyInstance, context: FamilyContext): void {
	app.get("/sign-up", (_request, reply) => sendPage(reply, signUpPage(context, {})));
	openAction(app, context, {
		path: "/sign-up",
		input: Input,
		status: 201,
		done: () => "/",
		session: ({ token }) => token,
		again: (_context, _viewer, problem, typed) => signUpPage(context, typed, problem),
		run: signUp,
	});
}

async function signUp(
	{ records, clock, sessions, events }: FamilyContext,
	{ name, email, password, birthYear }: v.InferOutput<typeof Input>,
): Promise<{ person: PersonId; token: string }> {
	const now = clock.now();
	if (birthYear > new Date(now).getUTCFullYear() - YOUNGEST)
		throw new Problem("MALFORMED", `You have to be at least ${YOUNGEST} to have an account here.`);
	const { salt, hash } = await storePassword(password);
	const person = toHex(randomBytes(ID_BYTES)) as PersonId;
	const row = {
		person_id: person,
		email,
		name,
		birth_year: birthYear,
		password_salt: salt,
		password_hash: hash,
		created_at_ms: now,
		suggest_me: true,
		suggest_to_me: true,
	};
	try {
		const token = await records.transaction().execute(async (transaction) => {
			await transaction.insertInto("person").values(row).execute();
			return sessions.open(transaction, person);
		});
		events.signedUp();
		return { person, token };
	} catch (error) {
		if (error instanceof StoreError && error.code === "Conflict")
			throw new Problem("EMAIL_TAKEN", "There is an account with this e-mail address already.");
		throw error;
	}
}

function signUpPage(context: FamilyContext, typed: Typed, problem?: Problem): Html {
	const { title } = context.company;
	const body = html`
<div class="narrow">
<h1>Join ${title}</h1>
<form method="post" action="/sign-up" class="card stack">
<label>Your name<input name="name" required maxlength="60" autocomplete="name" value="${typed["name"]}"></label>
<label>E-mail<input name="email" type="email" required autocomplete="email" value="${typed["email"]}"></label>
<label>Password<input name="password" type="password" required minlength="10" autocomplete="new-password">
<small>At least 10 characters.</small></label>
<label>Year of birth<input name="birthYear" inputmode="numeric" pattern="[0-9]{4}" required value="${typed["birthYear"]}">
<small>We ask because minors get no ads that are chosen for them.</small></label>
<button>Sign up</button>
</form>
<p class="quiet">We ask for no phone number here. You can add one later, or never.</p>
</div>`;
	return page({ context, viewer: undefined, title: "Sign up", path: "/sign-up", body, problem });
}
