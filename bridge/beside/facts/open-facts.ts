import type { Clock } from "@troth/protocol";
import type { HostFacts } from "./host-facts.ts";
import { HttpFacts, type HttpFactsAt } from "./http-facts.ts";
import { SqlFacts, type SqlFactsAt } from "./sql-facts.ts";

/** Where a host's facts are. */
export type FactsAt = HttpFactsAt | ({ readonly kind: "sql" } & SqlFactsAt);

/** Opens the adapter that fits. The caller disposes of it. Throws FactsConfigError. */
export function openFacts(clock: Clock, at: FactsAt): HostFacts {
	return at.kind === "http" ? new HttpFacts(clock, at) : SqlFacts.open(clock, at);
}
