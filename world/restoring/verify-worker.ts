/** Holds a directory against itself in a thread of its own: reading every page of every database takes its time. */
import { parentPort, workerData } from "node:worker_threads";
import { verifyData } from "./verify-data.ts";

parentPort?.postMessage([...verifyData(String(workerData))]);
