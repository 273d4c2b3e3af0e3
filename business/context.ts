/** Everything the parts of the gateway share. Built once in `gateway.ts`. */
import type { Device } from "@troth/client";
import type { Clock } from "@troth/protocol";
import type { Kysely } from "kysely";
import type { Turns } from "./conversations/turns.ts";
import type { GatewayRecords } from "./records/schema.ts";
import type { Webhooks } from "./webhooks/webhooks.ts";

/** What the business is called in the Cloud API. Ids are decimal digits. */
export interface BusinessIdentity {
	readonly name: string;
	/** E.164. */
	readonly phone: string;
	readonly wabaId: string;
	readonly phoneNumberId: string;
	readonly businessId: string;
	readonly appId: string;
}

export interface GatewayContext {
	readonly clock: Clock;
	readonly identity: BusinessIdentity;
	readonly device: Device;
	readonly records: Kysely<GatewayRecords>;
	readonly webhooks: Webhooks;
	readonly turns: Turns;
	/** Makes aliases; derived from the gateway's seed. */
	readonly aliasKey: Uint8Array;
	/** A failure that no caller is told of. */
	failed(where: string, error: unknown): void;
}
