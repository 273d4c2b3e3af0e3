/** Everything the parts of the door may reach. Built once in `index.ts`. */
import type { Clock } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import type { WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import type { Kysely } from "kysely";
import type { RecipientClient } from "./delivery/recipient-client.ts";
import type { DoorEvents } from "./events.ts";
import type { ChainIndex } from "./log/chain-index.ts";
import type { ShareLog } from "./log/share-log.ts";
import type { StoredLog } from "./log/stored-log.ts";
import type { PolicyShelf } from "./source/policy-shelf.ts";
import type { ShareSource } from "./source/share-source.ts";
import type { DoorRecords } from "./store/schema.ts";

/** A recipient as the door reaches it. */
export interface Recipient {
	readonly id: string;
	readonly client: RecipientClient;
	/** Trust in the recipient's own log. */
	readonly receipts: LogTrust;
	/** What the two name numbers with, 32 bytes; undefined where nothing is shared under such names. */
	readonly pairKey: Uint8Array | undefined;
}

export interface DoorContext {
	readonly clock: Clock;
	readonly events: DoorEvents;
	readonly store: Kysely<DoorRecords>;
	readonly source: ShareSource;
	readonly policies: PolicyShelf;
	readonly log: ShareLog;
	readonly policyLog: StoredLog;
	readonly chainIndex: ChainIndex;
	readonly recipients: ReadonlyMap<string, Recipient>;
	/** Whose cosignatures are asked for. */
	readonly witnesses: readonly WitnessAt[];
	/** The share key of what is about nobody. */
	readonly installationKey: Uint8Array;
}
