/** Opens everything the messenger keeps, in one place, and closes it in the right order. */
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
