/** What the operator can ask: is this number known here, and as what? The number comes with the question. */
import { toHex } from "@troth/protocol";
import { numberPseudonym } from "@troth/transparency";
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";
import { hasBearer } from "../http/bearer.ts";
import { Problem } from "../http/problem.ts";
import { readNumber } from "../phone/numbers.ts";

interface KnownItem {
	readonly recipient: string;
	readonly field: string;
	readonly value: string;
	readonly purpose: string;
	readonly source: "share" | "self";
}

/** `GET /operator/knows?phone=+1555…` → `{known, items}`. */
export function serveOperator(app: FastifyInstance, context: FamilyContext): void {
	app.get<{ Querystring: { phone?: string } }>("/operator/knows", async (request, reply) => {
		if (!hasBearer(request, context.operatorToken))
			throw new Problem("UNAUTHENTICATED", "The operator's token is missing.");
		reply.header("cache-control", "no-store");
		// A plus in a query string is a space.
		const items = await knownOf(context, (request.query.phone ?? "").trim().replace(/^(?=\d)/, "+"));
		return { known: items.length > 0, items };
	});
}

async function knownOf(
	{ records, keys: { tags }, company, abusePseudonymKey }: FamilyContext,
	text: string,
): Promise<readonly KnownItem[]> {
	const phone = readNumber(text);
	const item = (purpose: string, source: "share" | "self", field = "phone_number", value: string = phone) => {
		return { recipient: company.id, field, value, purpose, source };
	};
	const verified = await records
		.selectFrom("verified_phone")
		.select("person_id")
		.where("people_tag", "=", tags.people(phone))
		.execute();
	const keys = await records
		.selectFrom("match_key")
		.leftJoin("shared_item", (join) =>
			join
				.onRef("shared_item.subject", "=", "match_key.subject")
				.onRef("shared_item.purpose", "=", "match_key.purpose"),
		)
		.select(["match_key.purpose", "match_key.source", "device_type", "os"])
		.where(({ or, and, eb }) =>
			or([
				and([eb("match_key.purpose", "=", "friend_suggestions"), eb("tag", "=", tags.book(phone))]),
				and([eb("match_key.purpose", "=", "relevant_ads"), eb("tag", "=", tags.list(phone))]),
			]),
		)
		.execute();
	const labels =
		abusePseudonymKey === undefined
			? []
			: await records
					.selectFrom("told_label")
					.select(["purpose", "label"])
					.where("subject", "=", toHex(numberPseudonym(abusePseudonymKey, phone)))
					.execute();
	return [
		...verified.map(() => item("account", "self")),
		...labels.map(({ purpose, label }) => item(purpose, "share", "label", label)),
		...keys.flatMap(({ purpose, source, device_type, os }) => [
			item(purpose, source),
			...(device_type === null ? [] : [item(purpose, source, "device_type", device_type)]),
			...(os === null ? [] : [item(purpose, source, "os", os)]),
		]),
	];
}
