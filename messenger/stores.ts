/** Opens everything the messenger keeps, in one place. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
	type BlobStore,
	type HintBus,
	type LogStore,
	openBlobs,
	openHints,
	openLogs,
	openRecords,
} from "@troth/storage";
import type { Kysely } from "kysely";
import { migrateRecords } from "./records/migrate.ts";
import type { Records } from "./records/schema.ts";
import { openSecrets, type Secrets, temporarySecrets } from "./secrets.ts";

export type StoresAt =
	/** Gone when the process ends. */
	| { readonly kind: "memory" }
	/** SQLite files, blobs and the key file, in this directory. */
	| { readonly kind: "sqlite"; readonly directory: string };

export interface OpenStores extends AsyncDisposable {
	readonly records: Kysely<Records>;
	readonly logs: LogStore;
	readonly blobs: BlobStore;
	readonly hints: HintBus;
	readonly secrets: Secrets;
}

/** Opens what there is, makes what is missing, and brings it to this version. Rejects with StoreError or SeedError. */
export async function openStores(at: StoresAt): Promise<OpenStores> {
	await using undo = new AsyncDisposableStack();
	if (at.kind === "sqlite") await mkdir(at.directory, { recursive: true, mode: 0o700 });
	const secrets = at.kind === "sqlite" ? await openSecrets(at.directory) : temporarySecrets();
	const { records, logs, blobs } = engines(at);
	// The logs first: they are locked for one process, so that a second messenger stops here.
	const openedLogs = undo.use(await openLogs(logs));
	const openedRecords = undo.adopt(await openRecords<Records>(records), (db) => db.destroy());
	const openedBlobs = undo.use(await openBlobs(blobs));
	const hints = undo.use(await openHints({ kind: "process" }));
	await migrateRecords(openedRecords);
	const opened = undo.move();
	return {
		secrets,
		hints,
		logs: openedLogs,
		records: openedRecords,
		blobs: openedBlobs,
		[Symbol.asyncDispose]: () => opened.disposeAsync(),
	};
}

function engines(at: StoresAt) {
	if (at.kind === "memory") return { records: at, logs: at, blobs: at } as const;
	const inside = (name: string) => join(at.directory, name);
	return {
		records: { kind: "sqlite", path: inside("records.sqlite") },
		logs: { kind: "sqlite", path: inside("logs.sqlite") },
		blobs: { kind: "disk", path: inside("blobs") },
	} as const;
}
