/** The worker that owns the logs' database. */
import { workerData } from "node:worker_threads";
import { type LogServiceOptions, openLogService } from "./log-service.ts";
import { serve } from "./worker-service.ts";

serve(() => openLogService(workerData as LogServiceOptions));
