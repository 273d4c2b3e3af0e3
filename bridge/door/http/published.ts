/**
 * What is about nobody, for everybody: each such share with its values in the clear, and what its leaf in the public log
 * is opened with. Whoever doubts the counts can hold what a recipient has against them.
 */
import { toHex } from "@troth/protocol";
import { toBase64 } from "@troth/transparency";
import type { FastifyInstance } from "fastify";
import { INSTALLATION } from "../../consent/installation.ts";
import type { DoorContext } from "../context.ts";
import { shareProofOf } from "../log/share-proof-of.ts";

const SHARES_PER_PAGE = 100;

/** `GET /published.json?before=LEAF` → `{shares, more}`, newest first, for pages of any origin. */
export function servePublished(app: FastifyInstance, context: DoorContext): void {
	app.get<{ Querystring: { before?: string } }>("/published.json", async (request, reply) => {
		const { store, log, installationKey } = context;
		const before = /^\d{1,15}$/.test(request.query.before ?? "") ? Number(request.query.before) : log.size;
		const rows = await store
			.selectFrom("share")
			.innerJoin("published_value", "published_value.leaf_index", "share.leaf_index")
			.selectAll("share")
			.select("value_list")
			.where("account_id", "=", INSTALLATION)
			.where("share.leaf_index", "<", Math.min(before, log.size))
			.orderBy("share.leaf_index", "desc")
			.limit(SHARES_PER_PAGE + 1)
			.execute();
		const shares = rows.slice(0, SHARES_PER_PAGE).map((row) => {
			const opened = shareProofOf(
				log,
				row,
				installationKey,
				row.leaf_index < log.witnessedSize ? "witnessed" : "signed",
			);
			return {
				leaf: row.leaf_index,
				n: row.n,
				state: row.outcome ?? row.state,
				values: JSON.parse(row.value_list) as unknown,
				record: new TextDecoder().decode(opened.record),
				salt: toHex(opened.salt),
				chain: toHex(opened.chain),
				context: toHex(opened.context),
				proof: toBase64(opened.proof),
			};
		});
		reply.header("access-control-allow-origin", "*").header("cache-control", "no-store");
		return { shares, more: rows.length > SHARES_PER_PAGE };
	});
}
