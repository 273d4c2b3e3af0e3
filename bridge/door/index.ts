/**
 * The door (`docs/adr/0006`): a process of its own and the only one that speaks to a recipient. It reads what the
 * messenger's outbox asks for, decides again, writes it into the share log, and hands it over with its proof.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import type { WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import type { Kysely } from "kysely";
import type { ConsentTables } from "../consent/tables.ts";
import type { DoorContext, Recipient } from "./context.ts";
import { RecipientClient } from "./delivery/recipient-client.ts";
import { DoorEvents, type LogSink } from "./events.ts";
import { startEdge } from "./http/edge.ts";
import { openInstallationKey } from "./keys.ts";
import { ChainIndex, readIndexEntries } from "./log/chain-index.ts";
import { openLogSigners } from "./log/log-keys.ts";
import { openPolicyLog } from "./log/policy-log.ts";
import { openShareLog } from "./log/share-log.ts";
import { StoredLog } from "./log/stored-log.ts";
import { PolicyShelf } from "./source/policy-shelf.ts";
import { type FieldSource, openSource, ShareSource } from "./source/share-source.ts";
import { openDoorStore } from "./store/open-store.ts";
import { Work } from "./work.ts";

export { doorKeys } from "./keys.ts";

export interface DoorOptions {
	readonly clock: Clock;
	/** Of the door alone: its seed, its database, the share log. */
	readonly directory: string;
	/** The messenger's records; only read. */
	readonly records: { readonly kind: "sqlite"; readonly path: string };
	/** Where people's fields are, if not in the views of these records. The door disposes of it at its end. */
	readonly fields?: (records: Kysely<ConsentTables>) => FieldSource & AsyncDisposable;
	/** 127.0.0.1 where it is left out. */
	readonly host?: string;
	/** Any free port where it is left out or 0. */
	readonly port?: number;
	/** Origin of the share log. */
	readonly logName: string;
	/** Bearer token of BridgeService. */
	readonly token: string;
	/** Ed25519, 32 bytes: what policies are signed with. */
	readonly policyKey: Uint8Array;
	readonly recipients: readonly {
		readonly id: string;
		readonly url: string;
		readonly token: string;
		/** Trust in the recipient's own log. */
		readonly receipts: LogTrust;
		/** 32 bytes that only the two have, for the names of numbers; without it nothing is shared under such names. */
		readonly abusePseudonymKey?: Uint8Array;
	}[];
	readonly witnesses: readonly WitnessAt[];
	/** Shares leave when this many witnesses have seen a tree with their leaf. */
	readonly quorum: number;
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: LogSink;
}

/** A running door. Disposing it lets what runs end and leaves nothing behind. */
export interface Door extends AsyncDisposable {
	/** Where it listens, e.g. "http://127.0.0.1:7004". */
	readonly url: string;
	/** Verifier key of the share log. */
	readonly vkey: string;
	/** Does now what is otherwise done each second; resolves when nothing is left to do at this time. */
	tick(): Promise<void>;
}

/** Starts a door; resolves when it answers. Rejects where a store can not be opened or the port is taken. */
export async function startDoor(options: DoorOptions): Promise<Door> {
	const { clock, directory } = options;
	await using undo = new AsyncDisposableStack();
	const events = new DoorEvents(clock, options.log);
	await mkdir(directory, { recursive: true, mode: 0o700 });
	const signers = await openLogSigners(directory, options.logName);
	const store = undo.adopt(await openDoorStore({ kind: "sqlite", path: join(directory, "door.sqlite") }), (db) =>
		db.destroy(),
	);
	const records = undo.adopt(await openSource(options.records), (db) => db.destroy());
	const fields = options.fields === undefined ? undefined : undo.use(options.fields(records));
	const source = new ShareSource(records, fields);
	const { witnesses, quorum } = options;
	const common = { directory, witnesses, quorum, clock, events };
	const log = undo.use(await openShareLog(store, { ...common, signer: signers.shares }));
	const policyLog = undo.use(await openPolicyLog(source, options.policyKey, { ...common, signer: signers.policy }));
	const indexLog = undo.use(
		await StoredLog.open({
			...common,
			signer: signers.index,
			directory: join(directory, "index-log"),
			read: (from, limit) => readIndexEntries(store, from, limit),
		}),
	);
	const recipients = options.recipients.map(({ id, url, token, receipts, abusePseudonymKey }): Recipient => {
		return { id, receipts, pairKey: abusePseudonymKey, client: undo.use(new RecipientClient(clock, url, token)) };
	});
	const context: DoorContext = {
		clock,
		events,
		store,
		source,
		log,
		policyLog,
		chainIndex: new ChainIndex(store, clock, log, indexLog),
		policies: new PolicyShelf(source, options.policyKey),
		recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
		witnesses,
		installationKey: await openInstallationKey(directory),
	};
	const work = undo.use(new Work(context));
	// What waits for an answer at the end is sent again after the next start.
	for (const { client } of recipients) undo.defer(() => client.abort());
	const edge = { host: options.host ?? "127.0.0.1", port: options.port ?? 0, token: options.token };
	const { app, url } = await startEdge(context, edge, () => work.index());
	undo.defer(() => app.close());
	work.start();
	events.started(url, options.logName);
	const running = undo.move();
	return {
		url,
		vkey: signers.shares.vkey,
		tick: () => work.tick(),
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}
