/**
 * `POST /session`: the host's token becomes a session of this browser. `POST /anew`: the person has no browser left that
 * can sign for them; everything is taken back, and they begin as somebody new (`people/consent-root.ts`).
 */

import { Refusal, toHex } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance, FastifyReply } from "fastify";
import * as v from "valibot";
import type { BesideContext } from "../context.ts";
import { browserOf, openSession, sessionOf } from "../people/browsers.ts";
import { accountOf, describe, endAccount } from "../people/people.ts";

const KEY_BYTES = 32;
const BODY_BYTES = 16 * 1024;
const LONGEST_TOKEN = 4096;

const Hex = (bytes: number) => v.pipe(v.string(), v.regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`)));

const Asked = v.object({
	token: v.pipe(v.string(), v.maxLength(LONGEST_TOKEN)),
	/** Ed25519, of this browser. */
	publicKey: Hex(KEY_BYTES),
	/** Names what this browser signs grants with. */
	root: Hex(16),
});

/** What a page is told about itself. */
export interface OpenedSession {
	readonly session: string;
	readonly expiresAtMs: number;
	/** Hex. */
	readonly account: string;
	readonly device: string;
	/** What the account's grants are signed with; null before the first. Another one than the browser's: it can not allow. */
	readonly root: string | null;
	readonly locale: string | null;
}

export function serveSessions(app: FastifyInstance, context: BesideContext): void {
	app.post("/session", { bodyLimit: BODY_BYTES }, (request, reply) =>
		answering(context, reply, () => open(context, request.body)),
	);
	app.post("/anew", { bodyLimit: BODY_BYTES }, (request, reply) =>
		answering(context, reply, () => beginAnew(context, request.headers.authorization)),
	);
}

/** `GET /grants`: what this person's browsers signed for recipients, so that each of them can see that it was they. */
export function serveGrants(app: FastifyInstance, context: BesideContext): void {
	app.get("/grants", (request, reply) =>
		answering(context, reply, async () => {
			const { account } = await sessionOf(context, request.headers.authorization);
			const rows = await context.records
				.selectFrom("consent_grant")
				.select(["purpose", "recipient", "generation", "statement", "signature"])
				.where("account_id", "=", account)
				.execute();
			const grants = rows.map(({ statement, signature, ...facts }) => {
				return { ...facts, statement: toHex(statement), signature: toHex(signature) };
			});
			return { grants };
		}),
	);
}

async function open(context: BesideContext, body: unknown): Promise<OpenedSession> {
	const asked = v.safeParse(Asked, body);
	if (!asked.success) throw new Refusal("MALFORMED", "a session needs a token, a key and a root");
	const { records, tokens, terms, clock, events } = context;
	const { publicKey, root, token } = asked.output;
	const person = await tokens.redeem(token);
	const opened = await records.transaction().execute(async (transaction) => {
		const now = clock.now();
		const { account, root: theirs, fresh } = await accountOf(transaction, person, now);
		await describe(transaction, account, terms, person, now);
		const device = await browserOf(transaction, account, Buffer.from(publicKey, "hex"), now);
		const session = await openSession(transaction, { account, device, root }, now);
		return { account, device, root: theirs, fresh, ...session };
	});
	if (opened.fresh) events.personOpened("first-visit");
	const { token: session, expiresAtMs, account, device } = opened;
	return { session, expiresAtMs, account, device, root: opened.root, locale: person.locale ?? null };
}

async function beginAnew(context: BesideContext, authorization: string | undefined): Promise<OpenedSession> {
	const { records, clock, events } = context;
	const before = await sessionOf(context, authorization);
	const opened = await records.transaction().execute(async (transaction) => {
		const now = clock.now();
		const { host_id: hostId } = await transaction
			.selectFrom("person")
			.select("host_id")
			.where("account_id", "=", before.account)
			.executeTakeFirstOrThrow();
		const described = await transaction
			.selectFrom("standing")
			.select(["declared_region", "minor"])
			.where("account_id", "=", before.account)
			.executeTakeFirstOrThrow();
		await endAccount(transaction, before.account, now);
		const { account } = await accountOf(transaction, { hostId }, now);
		const region = described.declared_region ?? undefined;
		const person = { hostId, locale: undefined, region, minor: described.minor !== 0 };
		await describe(transaction, account, context.terms, person, now);
		const device = await browserOf(transaction, account, before.publicKey, now);
		const session = await openSession(transaction, { account, device, root: before.root }, now);
		return { account, device, ...session };
	});
	await eraseDeleted(records);
	events.personEnded("anew");
	events.personOpened("anew");
	const { token: session, expiresAtMs, account, device } = opened;
	return { session, expiresAtMs, account, device, root: null, locale: null };
}

const STATUS: { readonly [code: string]: number } = { MALFORMED: 400, UNAUTHENTICATED: 401 };

async function answering<Value>(
	{ events }: BesideContext,
	reply: FastifyReply,
	work: () => Promise<Value>,
): Promise<Value | FastifyReply> {
	try {
		return await work();
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		events.refused(error.code);
		return reply.code(STATUS[error.code] ?? 409).send({ error: error.code });
	}
}
