/** Everything the parts of the service may reach. Built once in `index.ts`. */
import type { Client } from "@connectrpc/connect";
import type { BridgeService, Clock } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { PolicyKey } from "../asking/policy-key.ts";
import type { PublishedTerms } from "../asking/published-terms.ts";
import type { Narrowing } from "../consent/narrowing.ts";
import type { BesideEvents } from "./events.ts";
import type { HostFacts } from "./facts/host-facts.ts";
import type { HostTokens } from "./people/host-token.ts";
import type { BesideRecords } from "./records/schema.ts";

/** What people's browsers have to know to check what was shared. */
export interface SharingFacts {
	/** `shares`, and the recipients' own logs under their ids. */
	readonly logs: readonly { readonly name: string; readonly url: string; readonly vkey: string }[];
	/** C2SP vkeys. */
	readonly witnesses: readonly string[];
	readonly quorum: number;
	readonly recipients: readonly { readonly id: string; readonly url: string }[];
}

export interface BesideContext {
	readonly clock: Clock;
	readonly events: BesideEvents;
	readonly records: Kysely<BesideRecords>;
	readonly terms: PublishedTerms;
	readonly narrowing: Narrowing;
	readonly policyKey: PolicyKey;
	readonly facts: HostFacts;
	readonly tokens: HostTokens;
	readonly door: Client<typeof BridgeService>;
	readonly sharing: SharingFacts;
	/** Where the host hears of objections, and what they are signed with; undefined where it hears of none. */
	readonly objections: { readonly url: string; readonly secret: string } | undefined;
	/** Title of the host application, for people. */
	readonly title: string;
}
