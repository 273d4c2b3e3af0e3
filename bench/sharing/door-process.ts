/** The door as the benchmark runs it: the product's own, with its options in JSON; only the log lines go nowhere. */
import { type DoorOptions, startDoor } from "@troth/bridge/door/index.ts";
import { SystemClock } from "@troth/protocol";

const given = JSON.parse(process.argv[2] ?? "") as Omit<DoorOptions, "clock" | "policyKey"> & { policyKey: string };
const door = await startDoor({
	...given,
	policyKey: Buffer.from(given.policyKey, "hex"),
	clock: new SystemClock(),
	log: () => {},
});
process.send?.({ url: door.url });
process.once("SIGTERM", () => void door[Symbol.asyncDispose]().then(() => process.exit()));
