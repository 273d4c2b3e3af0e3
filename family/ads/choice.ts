/** What people choose about ads by lists, and the signals that mean the same. */
import { createHash } from "node:crypto";
import { eraseDeleted } from "@troth/storage";
import type { FastifyRequest } from "fastify";
import type { Kysely, Transaction } from "kysely";
import { settlePeople } from "../audiences/members.ts";
import type { FamilyContext } from "../context.ts";
import type { PersonId, Viewer } from "../people/person.ts";
import type { Records } from "../records/schema.ts";
import type { AdChoice, AdChoiceTable } from "./tables.ts";

/** What a request says about ads, beside the person's own choice. */
export interface AdSignals {
	/** Global Privacy Control: `Sec-GPC: 1`. */
	readonly gpc: boolean;
	/** The opt-out cookie of this browser. */
	readonly optedOut: boolean;
}

export function readSignals(request: FastifyRequest): AdSignals {
	return { gpc: request.headers["sec-gpc"] === "1", optedOut: request.cookies["troth_optout"] === "1" };
}

export async function choiceOf(db: Kysely<Records>, person: PersonId): Promise<AdChoice> {
	const row = await db.selectFrom("ad_choice").select("choice").where("person_id", "=", person).executeTakeFirst();
	return row?.choice ?? "unset";
}

/**
 * Records the choice and makes what follows from it true at once: `off` ends every membership of a list, `on` lets the
 * log-in address be found too.
 */
export async function choose(
	context: FamilyContext,
	{ person, email }: Viewer,
	choice: AdChoiceTable["choice"],
): Promise<void> {
	const at_ms = context.clock.now();
	await context.records.transaction().execute(async (transaction) => {
		await transaction
			.insertInto("ad_choice")
			.values({ person_id: person, choice, at_ms })
			.onConflict((conflict) => conflict.column("person_id").doUpdateSet({ choice, at_ms }))
			.execute();
		await transaction.deleteFrom("email_key").where("person_id", "=", person).execute();
		if (choice === "on") {
			const tag = context.keys.tags.listed("email", createHash("sha256").update(email).digest());
			await transaction.insertInto("email_key").values({ person_id: person, tag }).execute();
		}
		await settlePeople(transaction, [person]);
	});
	await eraseDeleted(context.records);
}

/** Nothing about ads is left of somebody who is. */
export async function forgetPerson(transaction: Transaction<Records>, person: PersonId): Promise<void> {
	for (const table of ["email_key", "audience_member", "impression", "hidden_advertiser", "ad_choice"] as const) {
		await transaction.deleteFrom(table).where("person_id", "=", person).execute();
	}
}
