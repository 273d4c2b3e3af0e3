/** The worker that owns the records' database. */
import { workerData } from "node:worker_threads";
import { RecordDatabase } from "./record-database.ts";
import { type Service, serve } from "./worker-service.ts";

export type RecordMethods = ReturnType<typeof openService>["methods"];

function openService({ path }: { path: string }) {
	const database = new RecordDatabase(path);
	const methods = {
		open: () => undefined,
		execute: ({ sql, parameters }: { sql: string; parameters: readonly unknown[] }) =>
			database.execute(sql, parameters),
		begin: () => database.begin(),
		commit: () => database.commit(),
		rollback: () => database.rollback(),
	};
	return { methods, close: () => database.close() } satisfies Service<typeof methods>;
}

serve(() => openService(workerData as { path: string }));
