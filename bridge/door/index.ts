/**
 * The door (`docs/adr/0006`): a process of its own and the only one that speaks to a recipient. It reads what the
 * messenger's outbox asks for, decides again, writes it into the share log, and hands it over with its proof.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import type { WitnessAt } from "@troth/transparency/log/tile-log.node.ts";
import type { DoorContext, Recipient } from "./context.ts";
import { RecipientClient } from "./delivery/recipient-client.ts";
import { DoorEvents, type LogSink } from "./events.ts";
import { startEdge } from "./http/edge.ts";
import { openLogSigner } from "./keys.ts";
import { ShareLog } from "./log/share-log.ts";
import { PolicyShelf } from "./source/policy-shelf.ts";
import { openSource, ShareSource } from "./source/share-source.ts";
import { openDoorStore } from "./store/open-store.ts";
import { Work } from "./work.ts";

export { doorKeys } from "./keys.ts";

export interface DoorOptions {
	readonly clock: Clock;
	/** Of the door alone: its seed, its database, the share log. */
	readonly directory: string;
	/** The messenger's records; only read. */
	readonly records: { readonly kind: "sqlite"; readonly path: string };
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
	const signer = await openLogSigner(directory, options.logName);
	const store = undo.adopt(await openDoorStore({ kind: "sqlite", path: join(directory, "door.sqlite") }), (db) =>
		db.destroy(),
	);
	const source = new ShareSource(undo.adopt(await openSource(options.records), (db) => db.destroy()));
	const { witnesses, quorum } = options;
	const log = undo.use(await ShareLog.open({ store, clock, events, directory, signer, witnesses, quorum }));
	const recipients = options.recipients.map(({ id, url, token, receipts }): Recipient => {
		return { id, receipts, client: undo.use(new RecipientClient(clock, url, token)) };
	});
	const context: DoorContext = {
		clock,
		events,
		store,
		source,
		log,
		policies: new PolicyShelf(source, options.policyKey),
		recipients: new Map(recipients.map((recipient) => [recipient.id, recipient])),
	};
	const work = undo.use(new Work(context));
	// What waits for an answer at the end is sent again after the next start.
	for (const { client } of recipients) undo.defer(() => client.abort());
	const { app, url } = await startEdge(context, options.host ?? "127.0.0.1", options.port ?? 0, options.token);
	undo.defer(() => app.close());
	work.start();
	events.started(url, options.logName);
	const running = undo.move();
	return {
		url,
		vkey: signer.vkey,
		tick: () => work.tick(),
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}
