/**
 * The company's operator: `POST /operator/labels {email | person, label, scoreClass, days}`, `…/lift {email | person}`,
 * `GET /operator/labels`: what was told and whom it found here, and the company's own. No number, and no name of one.
 */
import { ABUSE_LABELS, SCORE_CLASSES } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance, FastifyRequest } from "fastify";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { hasBearer } from "../http/bearer.ts";
import { email, personId, wholeNumber } from "../http/inputs.ts";
import { Problem } from "../http/problem.ts";
import type { PersonId } from "../people/person.ts";

const DAY_MS = 24 * 3600 * 1000;
const ROWS_SHOWN = 500;

const whom = { email: v.optional(email), person: v.optional(personId) };
const Lift = v.object(whom);
const Label = v.object({
	...whom,
	label: v.picklist(ABUSE_LABELS.spam_and_abuse, "There is no such label."),
	scoreClass: v.picklist(SCORE_CLASSES, "There is no such score class."),
	days: wholeNumber("The number of days", 1, 365),
});

export function serveLabelOperator(app: FastifyInstance, context: FamilyContext): void {
	const { records, clock } = context;
	const answer = <Answer>(run: (request: FastifyRequest) => Promise<Answer>) => {
		return async (request: FastifyRequest): Promise<Answer> => {
			if (!hasBearer(request, context.operatorToken))
				throw new Problem("UNAUTHENTICATED", "The operator's token is missing.");
			return run(request);
		};
	};
	app.get(
		"/operator/labels",
		answer(() => listAll(context)),
	);
	app.post(
		"/operator/labels",
		answer(async ({ body }) => {
			const { label, scoreClass, days, ...whose } = read(Label, body);
			const person = await findPerson(context, whose);
			const now = clock.now();
			const row = { person_id: person, label, score_class: scoreClass, since_ms: now, until_ms: now + days * DAY_MS };
			await records.transaction().execute(async (transaction) => {
				await transaction.deleteFrom("own_label").where("person_id", "=", person).execute();
				await transaction.insertInto("own_label").values(row).execute();
			});
			return { person, label, since: row.since_ms, until: row.until_ms };
		}),
	);
	app.post(
		"/operator/labels/lift",
		answer(async ({ body }) => {
			const person = await findPerson(context, read(Lift, body));
			const { numDeletedRows } = await records
				.deleteFrom("own_label")
				.where("person_id", "=", person)
				.executeTakeFirstOrThrow();
			if (numDeletedRows === 0n) throw new Problem("NOT_FOUND", "There is no label on that account.");
			await eraseDeleted(records);
			return { person, lifted: true };
		}),
	);
}

async function listAll({ records }: FamilyContext): Promise<object> {
	const told = await records
		.selectFrom("told_label")
		.leftJoin("verified_phone", "verified_phone.pair_name", "told_label.subject")
		.select([
			"purpose",
			"label",
			"score_class as scoreClass",
			"case_id as caseId",
			"told_at_ms as toldAt",
			"person_id as person",
		])
		.orderBy("told_at_ms", "desc")
		.limit(ROWS_SHOWN)
		.execute();
	const own = await records
		.selectFrom("own_label")
		.select(["person_id as person", "label", "score_class as scoreClass", "since_ms as since", "until_ms as until"])
		.orderBy("since_ms", "desc")
		.limit(ROWS_SHOWN)
		.execute();
	return { told, own };
}

function read<Schema extends v.GenericSchema>(schema: Schema, body: unknown): v.InferOutput<Schema> {
	const parsed = v.safeParse(schema, body ?? {});
	if (parsed.success) return parsed.output;
	throw new Problem("MALFORMED", parsed.issues.map(({ message }) => message).join(" "));
}

async function findPerson(
	{ records }: FamilyContext,
	{ email, person }: v.InferOutput<typeof Lift>,
): Promise<PersonId> {
	if ((email === undefined) === (person === undefined)) throw new Problem("MALFORMED", "Whose account?");
	const query = records.selectFrom("person").select("person_id");
	const row = await (email === undefined
		? query.where("person_id", "=", person as PersonId)
		: query.where("email", "=", email)
	).executeTakeFirst();
	if (row === undefined) throw new Problem("NOT_FOUND", "Nobody here has that account.");
	return row.person_id;
}
