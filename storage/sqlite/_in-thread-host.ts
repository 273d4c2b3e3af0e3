/** The engine of the logs without its worker: a thousand openings in the time of ten. Tests only. */
import { StoreError } from "../ports.ts";
import { type LogMethods, type LogServiceOptions, openLogService } from "./log-service.ts";
import type { Host } from "./worker-host.ts";

export function inThread(options: LogServiceOptions): Host<LogMethods> {
	const service = openLogService(options);
	let open = true;
	return {
		async call(method, argument) {
			if (!open) throw new StoreError("StoreFailed", "the store is closed");
			const answer = service.methods[method] as (argument: unknown) => unknown;
			const value = structuredClone(await answer(argument));
			service.afterwards();
			return value as never;
		},
		async close() {
			if (open) service.close();
			open = false;
		},
	};
}
