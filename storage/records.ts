/** Opens the store of the relational records. */
import { Kysely } from "kysely";
import { StoreError } from "./ports.ts";
import { RecordDatabase } from "./sqlite/record-database.ts";
import { RecordDialect, type RecordSession } from "./sqlite/record-dialect.ts";
import type { RecordMethods } from "./sqlite/record-worker.ts";
import { toStoreError, WorkerHost } from "./sqlite/worker-host.ts";
import { crossed } from "./sqlite/worker-service.ts";

export type RecordsAt =
	/** A file of its own, in a worker of its own; durable when a statement or transaction resolves. */
	| { readonly kind: "sqlite"; readonly path: string }
	/** The same SQL, in this thread, gone at the end. */
	| { readonly kind: "memory" };

/**
 * A relational store with the caller's own schema, to be migrated by the caller. Everything it rejects with is a
 * StoreError: `Conflict` where a unique or primary key is taken, `StoreFull` where the disk is. `db.destroy()` ends it.
 */
export async function openRecords<Schema>(at: RecordsAt): Promise<Kysely<Schema>> {
	return new Kysely<Schema>({ dialect: new RecordDialect(await openSession(at)) });
}

async function openSession(at: RecordsAt): Promise<RecordSession> {
	switch (at.kind) {
		case "sqlite": {
			const host = new WorkerHost<RecordMethods>(new URL("./sqlite/record-worker.ts", import.meta.url), {
				path: at.path,
			});
			try {
				await host.call("open", undefined as never);
			} catch (error) {
				await host.close();
				throw error;
			}
			return {
				execute: (sql, parameters) => host.call("execute", { sql, parameters }),
				close: () => host.close(),
			};
		}
		case "memory": {
			const database = new RecordDatabase(":memory:");
			return {
				async execute(sql, parameters) {
					try {
						return database.execute(sql, parameters);
					} catch (error) {
						if (error instanceof StoreError) throw error;
						throw toStoreError(crossed(error));
					}
				},
				close: async () => database.close(),
			};
		}
	}
}
