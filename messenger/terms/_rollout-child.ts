/**
 * A rollout as a process that can be killed: in its third slice it tells a part of the devices, says so on standard
 * output, and gets no further.
 *
 *     node _rollout-child.ts DIRECTORY ACCOUNTS_AT_ONCE SHARE
 */
import { writeSync } from "node:fs";
import { SystemClock } from "@troth/protocol";
import { openStores } from "../stores.ts";
import { openCrowdDelivery } from "./_crowd.ts";
import { TermsRollout } from "./rollout.ts";

const [directory = "", atOnce = "", share = ""] = process.argv.slice(2);
const clock = new SystemClock();
const stores = await openStores({ kind: "sqlite", directory });
const { delivery, events } = await openCrowdDelivery(stores, clock);
let slices = 0;
const notifyDevices: typeof delivery.notifyDevices = async (devices, ...args) => {
	const all = [...devices];
	if (++slices < 3) return delivery.notifyDevices(all, ...args);
	await delivery.notifyDevices(all.slice(0, all.length * Number(share)), ...args);
	writeSync(1, "told\n");
	await new Promise(() => {});
};
const { records } = stores;
await new TermsRollout({
	...{ clock, records, events, accountsAtOnce: Number(atOnce) },
	delivery: { notifyDevices },
}).run();
