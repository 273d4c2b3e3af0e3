/** What the messenger says of use and delivery without anybody's yes, and what it is used for here (D7). */
import type { Jobs } from "@troth/protocol/jobs.ts";
import type { FastifyInstance } from "fastify";
import type { FamilyContext } from "../context.ts";
import { serveHowOften } from "./how-often-page.ts";
import { ownUsageKnowledge } from "./knowledge.ts";
import { OwnUsage } from "./own-usage.ts";
import { deliveryConsumer } from "./take-delivery.ts";
import { usageConsumer } from "./take-usage.ts";

const FLUSH_EVERY_MS = 10_000;
const SUM_EVERY_MS = 10 * 60_000;

/** Adds the pages, takes in the two purposes, and counts the company's own people in the same way. */
export function serveMetrics(app: FastifyInstance, context: FamilyContext, jobs: Jobs): void {
	const { records, clock } = context;
	context.consumers.set("usage_metrics", usageConsumer);
	context.consumers.set("infrastructure", deliveryConsumer);
	const own = new OwnUsage(records, clock);
	context.sessions.listen((person) => own.seen(person));
	context.personGone.push(async (transaction, person) => {
		await transaction.deleteFrom("own_usage").where("person_id", "=", person).execute();
	});
	context.knowledge.push((viewer) => ownUsageKnowledge(context, viewer));
	serveHowOften(app, context);
	jobs.every(FLUSH_EVERY_MS, "own-usage", () => own.flush());
	jobs.every(SUM_EVERY_MS, "own-usage-sums", () => own.sum());
}
