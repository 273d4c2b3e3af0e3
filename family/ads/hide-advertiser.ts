/** POST /ads/hide and /ads/show: no more ads of one advertiser, or again. */
import type { FastifyInstance } from "fastify";
import { sql } from "kysely";
import * as v from "valibot";
import type { FamilyContext } from "../context.ts";
import { personAction } from "../http/action.ts";
import { Problem } from "../http/problem.ts";
import type { AdAccountId } from "./tables.ts";

const Account = v.pipe(
	v.string("Which company?"),
	v.regex(/^\d{1,20}$/, "There is no such company."),
	v.transform((id) => id as AdAccountId),
);

/** `POST /api/ads/hide {company, impression?}`, `POST /api/ads/show {company}`. */
export function serveHiding(app: FastifyInstance, context: FamilyContext): void {
	const { records, clock } = context;
	personAction(app, context, {
		path: "/ads/hide",
		input: v.object({ company: Account, impression: v.optional(v.string(), "") }),
		done: () => "/ads?done=saved",
		async run(_context, { company, impression }, { person }) {
			await records.transaction().execute(async (transaction) => {
				const account = await transaction
					.selectFrom("ad_account")
					.select("account_id")
					.where("account_id", "=", company)
					.executeTakeFirst();
				if (account === undefined) throw new Problem("NOT_FOUND", "There is no such company.");
				const { numInsertedOrUpdatedRows } = await transaction
					.insertInto("hidden_advertiser")
					.values({ person_id: person, account_id: company, at_ms: clock.now() })
					.onConflict((conflict) => conflict.doNothing())
					.executeTakeFirstOrThrow();
				if (numInsertedOrUpdatedRows === 0n) return;
				// The ad that did it is worth less from now on; who it was is not noted there.
				await transaction
					.updateTable("ad")
					.set({ hides: sql`hides + 1` })
					.where("account_id", "=", company)
					.where(({ eb, selectFrom }) =>
						eb(
							"ad_id",
							"=",
							selectFrom("impression")
								.select("impression.ad_id")
								.where("impression_id", "=", impression)
								.where("person_id", "=", person),
						),
					)
					.execute();
			});
			return { hidden: true };
		},
	});
	personAction(app, context, {
		path: "/ads/show",
		input: v.object({ company: Account }),
		done: () => "/ads?done=saved",
		async run(_context, { company }, { person }) {
			await records
				.deleteFrom("hidden_advertiser")
				.where("person_id", "=", person)
				.where("account_id", "=", company)
				.execute();
			return { hidden: false };
		},
	});
}
