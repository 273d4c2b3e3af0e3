/**
 * What asking people is done with. The messenger and the service beside an existing user database ask in the same way:
 * whoever keeps the accounts brings the store, and knows which keys its people's devices have.
 */
import type { Clock } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { ConsentTables } from "../consent/tables.ts";
import type { PolicyKey } from "./policy-key.ts";
import type { PublishedTerms } from "./published-terms.ts";

export interface AskingContext {
	readonly records: Kysely<ConsentTables>;
	readonly terms: PublishedTerms;
	readonly clock: Clock;
	readonly policyKey: PolicyKey;
}
