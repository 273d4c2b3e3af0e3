/** `POST /operator/ad-accounts {id, name}` → 201 `{id, accessToken, appSecret, appId}`: the operator opens an account. */
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { hasBearer } from "../http/bearer.ts";
import { line } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import { createAdAccount } from "./accounts.ts";

const Input = v.object({
	id: v.pipe(v.string("The id is missing."), v.regex(/^[1-9]\d{0,19}$/, "An id is up to 20 digits.")),
	name: line("The name", 60),
});

/** An advertiser whom the operator let in has agreed to the rules for lists. Problems: UNAUTHENTICATED, MALFORMED. */
export function serveAdAccounts(app: FastifyInstance, context: FamilyContext): void {
	app.post("/operator/ad-accounts", async (request, reply) => {
		if (!hasBearer(request, context.operatorToken))
			throw new Problem("UNAUTHENTICATED", "The operator's token is missing.");
		const input = v.safeParse(Input, request.body);
		if (!input.success) throw new Problem("MALFORMED", input.issues.map(({ message }) => message).join(" "));
		const account = await createAdAccount(context, { ...input.output, audienceTerms: true });
		return reply.code(201).header("cache-control", "no-store").send(account);
	});
}
