/**
 * `POST /host/events`: the host tells that a person is gone, or that a fact about them is another one. Signed with a
 * shared secret over time and body, so that nobody else can have people forgotten; safe to repeat.
 */
import { timingSafeEqual } from "node:crypto";
import { type AccountId, isAbusePurpose } from "@troth/protocol";
import { eraseDeleted } from "@troth/storage";
import type { FastifyInstance } from "fastify";
import * as v from "valibot";
import { FieldsUnavailable } from "../../door/source/share-source.ts";
import type { BesideContext } from "../context.ts";
import { isHostId } from "../facts/host-facts.ts";
import { endAccount } from "../people/people.ts";
import { keepLabel } from "./objections.ts";
import { learnFact, shareAnew } from "./renew.ts";
import { SIGNATURE_HEADER, signHostEvent } from "./sign-host-event.ts";
import { sayWordsOf } from "./words.ts";

export const EVENTS_PATH = "/host/events";
const LATE_MS = 5 * 60 * 1000;
const BODY_BYTES = 16 * 1024;
const SIGNATURE = /^t=(\d{1,16}),v1=([0-9a-f]{64})$/;

const HostId = v.pipe(v.string(), v.check(isHostId));
const HostEvent = v.variant("type", [
	v.object({ type: v.picklist(["deleted", "changed"]), id: HostId }),
	/** What somebody objected to was looked at, and stands. */
	v.object({ type: v.literal("kept"), id: HostId, purpose: v.pipe(v.string(), v.check(isAbusePurpose)) }),
]);

export function serveHostEvents(app: FastifyInstance, context: BesideContext, secret: string): void {
	app.register(async (scope) => {
		scope.removeAllContentTypeParsers();
		scope.addContentTypeParser("*", { parseAs: "string", bodyLimit: BODY_BYTES }, (_request, body, done) =>
			done(null, body),
		);
		scope.post(EVENTS_PATH, async (request, reply) => {
			const body = typeof request.body === "string" ? request.body : "";
			const wrong = whyNot(secret, String(request.headers[SIGNATURE_HEADER] ?? ""), body, context.clock.now());
			if (wrong !== undefined) {
				context.events.hostCallRefused(wrong);
				return reply.code(401).send({ error: "UNAUTHENTICATED" });
			}
			const event = v.safeParse(v.pipe(v.string(), v.parseJson(), HostEvent), body);
			if (!event.success) return reply.code(400).send({ error: "MALFORMED" });
			await take(context, event.output);
			return reply.code(200).send({});
		});
	});
}

function whyNot(secret: string, header: string, body: string, nowMs: number): "signature" | "time" | undefined {
	const [, time = "", given = ""] = SIGNATURE.exec(header) ?? [];
	const [, , expected = ""] = SIGNATURE.exec(signHostEvent(secret, Number(time), body)) ?? [];
	if (given === "" || !timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return "signature";
	return Math.abs(nowMs - Number(time)) > LATE_MS ? "time" : undefined;
}

async function take(context: BesideContext, event: v.InferOutput<typeof HostEvent>): Promise<void> {
	const { type, id } = event;
	const person = await context.records
		.selectFrom("person")
		.select("account_id")
		.where("host_id", "=", id)
		.executeTakeFirst();
	// Who never visited has nothing here.
	if (person === undefined) return;
	if (type === "deleted") return forget(context, person.account_id, "deleted");
	const { records, clock, events } = context;
	if (type === "kept") await keepLabel(context, person.account_id, event.purpose);
	const shared =
		type === "changed" &&
		(await records.transaction().execute((transaction) => shareAnew(transaction, person.account_id, clock.now())));
	if (shared) {
		events.sharedAnew("told");
		await learnFact(context, person.account_id);
	}
	try {
		await sayWordsOf(context, { ...person, host_id: id });
	} catch (error) {
		// The next look at everybody finds it.
		if (!(error instanceof FieldsUnavailable)) throw error;
	}
}

/** Ends an account; when it resolves, nothing of it is in the service's files but what is still to be recalled. */
export async function forget(context: BesideContext, account: AccountId, why: "deleted" | "swept"): Promise<void> {
	const { records, clock, events } = context;
	await records.transaction().execute((transaction) => endAccount(transaction, account, clock.now()));
	await eraseDeleted(records);
	events.personEnded(why);
}
