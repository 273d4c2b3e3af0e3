/**
 * A device in a process of its own that sends some texts and kills itself with SIGKILL at a certain write of its store:
 * before the bytes are written, or right after. Prints `stored TEXT` for each that the server has taken.
 *
 *     node _dying-client.ts PROFILE CONVERSATION WRITE before|after TEXT...
 */
import { nodePorts } from "@troth/client/device/open.node.ts";
import { openDevice } from "@troth/client/device/open-device.ts";
import type { LocalStore } from "@troth/client/store/port.ts";
import { openProfileStore } from "@troth/client/store/profile-store.node.ts";
import type { ConversationId } from "@troth/protocol";

const [profile = "", conversation = "", write = "", when = "", ...texts] = process.argv.slice(2);
let writes = 0;
let counting = false;

function die(): void {
	process.kill(process.pid, "SIGKILL");
}

/** Counts the writes that have to do with sending, and dies at one of them. */
function mortal(store: LocalStore): LocalStore {
	return {
		get: (key) => store.get(key),
		range: (from, to, options) => store.range(from, to, options),
		async write(batch) {
			const due = counting && ++writes === Number(write);
			if (due && when === "before") die();
			await store.write(batch);
			if (due && when === "after") die();
		},
		[Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
	};
}

const { store } = await openProfileStore(profile);
await using device = await openDevice(nodePorts(mortal(store)));
await device.caughtUp();
counting = true;
const id = conversation as ConversationId;
const waiting: Promise<void>[] = [];
for (const text of texts) {
	const message = await device.send(id, text);
	if (message.id === undefined) throw new TypeError("a sent message has an id");
	waiting.push(device.stored(id, message.id).then(() => process.stdout.write(`stored ${text}\n`) as never));
}
await Promise.all(waiting);
