/** The worker of one tab: its switchboard, tied to the browser's locks, channels and messages. */
import { SystemClock } from "@troth/protocol";
import { openBackend } from "./device-backend.ts";
import { Switchboard } from "./switchboard.ts";
import type { BetweenWorkers, Call } from "./wire.ts";

/** The lock and the channel of all tabs of this origin. Another name would be another device: never change it. */
const NAME = "troth-device";

const channel = new BroadcastChannel(NAME);
const switchboard = new Switchboard({
	lead: (task) => void navigator.locks.request(NAME, task),
	broadcast: (message) => channel.postMessage(message),
	toTab: (message) => postMessage(message),
	open: openBackend,
	clock: new SystemClock(),
	id: crypto.randomUUID(),
});

channel.onmessage = ({ data }: MessageEvent<BetweenWorkers>) => switchboard.fromWorker(data);
addEventListener("message", ({ data }: MessageEvent<Call>) => switchboard.fromTab(data));
switchboard.start();
