/** A process of its own that sends as fast as it can until it is killed. Arguments: profile folder, conversation. */
import type { ConversationId } from "@troth/protocol";
import { openProfile } from "./open.node.ts";

const [dir = "", conversation = ""] = process.argv.slice(2);
const device = await openProfile({ dir });
await device.caughtUp();
for (let i = 0; i < 100_000; i++) {
	await device.send(conversation as ConversationId, `${i}`);
	process.stdout.write(`${i}\n`);
}
