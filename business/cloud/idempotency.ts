/** `Idempotency-Key` (the Cloud API has none): the same request within 24 hours gets the same answer. */
import { createHash } from "node:crypto";
import type { GatewayContext } from "../context.ts";
import { CloudError, type CloudErrorCode, errorEnvelope } from "./errors.ts";
import { toCloudError } from "./refusals.ts";

const KEPT_MS = 24 * 60 * 60 * 1000;
const LONGEST_KEY = 255;

export interface Answer {
	readonly status: number;
	readonly body: unknown;
}

/** Answers that a later try may change: nothing was done. */
const PASSING: ReadonlySet<CloudErrorCode> = new Set([131000, 131016, 130429]);

export class Idempotency {
	readonly #context: GatewayContext;
	/** Requests under way: a repeat waits for the first. */
	readonly #running = new Map<string, Promise<Answer>>();

	constructor(context: GatewayContext) {
		this.#context = context;
	}

	/** Does `work` once per key. Throws CloudError 100 where the key was used for another request. */
	async once(key: string | undefined, request: unknown, work: () => Promise<unknown>): Promise<Answer> {
		if (key === undefined) return { status: 200, body: await work() };
		if (key === "" || key.length > LONGEST_KEY) throw new CloudError(100, "the Idempotency-Key is empty or too long");
		const digest = createHash("sha256").update(JSON.stringify(request)).digest("hex");
		for (let running = this.#running.get(key); running !== undefined; running = this.#running.get(key))
			await running.catch(() => {});
		const run = this.#answer(key, digest, work).finally(() => this.#running.delete(key));
		this.#running.set(key, run);
		return run;
	}

	async #answer(key: string, digest: string, work: () => Promise<unknown>): Promise<Answer> {
		const { records, clock } = this.#context;
		const nowMs = clock.now();
		await records
			.deleteFrom("answer")
			.where("at_ms", "<=", nowMs - KEPT_MS)
			.execute();
		const before = await records.selectFrom("answer").selectAll().where("key", "=", key).executeTakeFirst();
		if (before !== undefined) {
			if (before.digest === digest) return { status: before.status, body: JSON.parse(before.body) };
			throw new CloudError(100, "the Idempotency-Key was used for another request");
		}
		const answer = await lastingAnswer(work);
		await records
			.insertInto("answer")
			.values({ key, digest, status: answer.status, body: JSON.stringify(answer.body), at_ms: nowMs })
			.execute();
		return answer;
	}
}

/** Throws CloudError where a later try may be answered otherwise. */
async function lastingAnswer(work: () => Promise<unknown>): Promise<Answer> {
	try {
		return { status: 200, body: await work() };
	} catch (error) {
		const refused = toCloudError(error);
		if (PASSING.has(refused.code)) throw refused;
		return { status: refused.status, body: errorEnvelope(refused) };
	}
}
