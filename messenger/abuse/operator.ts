/**
 * The operator acts upon accounts and reads reports: `POST /operator/actions`, `…/lift`, `…/keep` (an objection was
 * looked at, the action stands), `GET /operator/actions`, `GET /operator/reports`. Lists name accounts and no numbers;
 * every act is written down (`operator/audit.ts`).
 */
import {
	ABUSE_LABELS,
	type AbusePurpose,
	type AccountId,
	isAbuseLabel,
	isCaseId,
	Refusal,
	type RefusalCode,
	SCORE_CLASSES,
} from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import type { Transaction } from "kysely";
import * as v from "valibot";
import { readPhoneNumber } from "../accounts/phone-numbers.ts";
import type { MessengerContext } from "../context.ts";
import { auditEntry } from "../operator/audit.ts";
import type { Records } from "../records/schema.ts";
import { act, actionOf, keep, lift } from "./actions.ts";

const DAY_MS = 24 * 3600 * 1000;
const MOST_DAYS = 365;
const ROWS_SHOWN = 500;

const PURPOSES = Object.keys(ABUSE_LABELS) as AbusePurpose[];

const Whom = {
	/** One of the two. */
	phone: v.optional(v.string()),
	account: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))),
	purpose: v.picklist(PURPOSES),
	/** For the audit, in the operator's words. */
	reason: v.optional(v.string()),
};
const Named = v.object(Whom);
const NewAction = v.object({
	...Whom,
	label: v.string(),
	scoreClass: v.optional(v.picklist(SCORE_CLASSES)),
	caseId: v.optional(v.pipe(v.string(), v.check(isCaseId))),
	days: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_DAYS)),
});

type Whom = Pick<v.InferOutput<typeof Named>, "phone" | "account" | "purpose">;

const STATUS: Partial<Record<RefusalCode, 404 | 422>> = { NOT_FOUND: 404, PHONE_INVALID: 422, MALFORMED: 422 };

/** Adds the routes to the operator's scope, which has checked the token. */
export function serveAbuse(scope: FastifyInstance, context: MessengerContext): void {
	const post = <Schema extends v.GenericSchema>(
		path: string,
		schema: Schema,
		status: 200 | 201,
		run: (request: v.InferOutput<Schema>) => Promise<object>,
	) =>
		scope.post(path, async (request, reply) => {
			const parsed = v.safeParse(schema, request.body);
			if (!parsed.success) return reply.code(422).send({ error: "MALFORMED", message: "not such an action" });
			try {
				return reply.code(status).send(await run(parsed.output));
			} catch (error) {
				const refused = error instanceof Refusal ? STATUS[error.code] : undefined;
				if (!(error instanceof Refusal) || refused === undefined) throw error;
				return reply.code(refused).send({ error: error.code, message: error.message });
			}
		});
	post("/operator/actions", NewAction, 201, (request) => postAction(context, request));
	post("/operator/actions/lift", Named, 200, (request) => liftAction(context, request));
	post("/operator/actions/keep", Named, 200, (request) => keepAction(context, request));
	scope.get("/operator/actions", () => listActions(context));
	scope.get("/operator/reports", () => listReports(context));
}

/** An act as the operator's pages ask for it, with its reason: the same checks, the same audit. Refuses as the API does. */
export async function actUpon(
	context: MessengerContext,
	how: "limit" | "lift" | "keep",
	request: object,
): Promise<void> {
	const parsed = v.safeParse(how === "limit" ? NewAction : Named, request);
	if (!parsed.success) throw new Refusal("MALFORMED", "not such an action: look at label, days and case");
	if (how === "limit") await postAction(context, parsed.output as v.InferOutput<typeof NewAction>);
	else await (how === "lift" ? liftAction : keepAction)(context, parsed.output);
}

async function postAction(context: MessengerContext, request: v.InferOutput<typeof NewAction>): Promise<object> {
	const { records, clock, limits, delivery, directory, events } = context;
	const { purpose, label, scoreClass, caseId, days } = request;
	if (!isAbuseLabel(purpose, label)) throw new Refusal("MALFORMED", `a label of ${ABUSE_LABELS[purpose].join(", ")}`);
	if (purpose === "spam_and_abuse" ? scoreClass === undefined || caseId !== undefined : scoreClass !== undefined)
		throw new Refusal("MALFORMED", "spam_and_abuse has a score class and no case id, the others have no score class");
	const sinceMs = clock.now();
	const untilMs = sinceMs + days * DAY_MS;
	const account = await records.transaction().execute(async (transaction) => {
		const found = await findAccount(transaction, request);
		await audit(context, transaction, found, "account-limited", request.reason ?? `${purpose}: ${label}, ${days} days`);
		await act(context, transaction, { account: found, purpose, label, scoreClass, caseId, sinceMs, untilMs });
		return found;
	});
	limits.changed(account);
	if (purpose === "security") {
		const devices = await directory.devicesOf(account);
		delivery.endStreams(devices.map(({ device }) => device));
	}
	events.accountLimited(purpose);
	return { account, purpose, label, since: sinceMs, until: untilMs };
}

async function liftAction(context: MessengerContext, request: v.InferOutput<typeof Named>): Promise<object> {
	const { records, clock, limits } = context;
	const { purpose } = request;
	const account = await records.transaction().execute(async (transaction) => {
		const found = await findAccount(transaction, request);
		await audit(context, transaction, found, "account-unlimited", request.reason ?? `${purpose}: lifted`);
		if (!(await lift(transaction, found, purpose, clock.now()))) throw noAction();
		return found;
	});
	limits.changed(account);
	await eraseDeleted(records);
	return { account, purpose, lifted: true };
}

async function keepAction(context: MessengerContext, request: v.InferOutput<typeof Named>): Promise<object> {
	const { records, clock, limits } = context;
	const { purpose } = request;
	const account = await records.transaction().execute(async (transaction) => {
		const found = await findAccount(transaction, request);
		const action = await actionOf(transaction, found, purpose, clock.now());
		if (action?.objected_at_ms == null) throw new Refusal("NOT_FOUND", "there is no open objection to such an action");
		const reason = request.reason ?? `${purpose}: stands after an objection`;
		await audit(context, transaction, found, "account-limited", reason);
		await keep(context, transaction, action);
		return found;
	});
	limits.changed(account);
	return { account, purpose, kept: true };
}

/** Those with an open objection first. */
async function listActions({ records, clock }: MessengerContext): Promise<object> {
	const rows = await records
		.selectFrom("abuse_action")
		.selectAll()
		.where("until_ms", ">", clock.now())
		.orderBy(({ eb }) => eb("objected_at_ms", "is", null))
		.orderBy("since_ms", "desc")
		.limit(ROWS_SHOWN)
		.execute();
	return {
		actions: rows.map((row) => ({
			account: row.account_id,
			purpose: row.purpose,
			label: row.label,
			scoreClass: row.score_class,
			caseId: row.case_id,
			since: row.since_ms,
			until: row.until_ms,
			objectedAt: row.objected_at_ms,
		})),
	};
}

/** Newest first, and not who reported: nobody looks at a person here without an entry in the audit. */
async function listReports({ records }: MessengerContext): Promise<object> {
	const rows = await records
		.selectFrom("abuse_report")
		.selectAll()
		.orderBy("reported_at_ms", "desc")
		.orderBy("report_id", "desc")
		.limit(ROWS_SHOWN)
		.execute();
	return {
		reports: rows.map((row) => ({
			id: row.report_id,
			account: row.account_id,
			reason: row.reason,
			at: row.reported_at_ms,
			revealed: row.revealed === null ? 0 : (JSON.parse(row.revealed) as unknown[]).length,
		})),
	};
}

async function findAccount(transaction: Transaction<Records>, { phone, account }: Whom): Promise<AccountId> {
	if ((phone === undefined) === (account === undefined))
		throw new Refusal("MALFORMED", "either a number or an account is needed");
	const rows = transaction.selectFrom("account").select("account_id");
	const found = await (phone === undefined
		? rows.where("account_id", "=", account as AccountId)
		: rows.where("phone", "=", readPhoneNumber(phone))
	).executeTakeFirst();
	if (found === undefined) throw new Refusal("NOT_FOUND", "there is no such account");
	return found.account_id;
}

function audit(
	{ clock }: MessengerContext,
	transaction: Transaction<Records>,
	account: AccountId,
	action: "account-limited" | "account-unlimited",
	reason: string,
): Promise<void> {
	return auditEntry(transaction, clock, { action, account, reason });
}

function noAction(): Refusal {
	return new Refusal("NOT_FOUND", "nothing of this purpose was done about the account");
}
