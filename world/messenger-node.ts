/** One messenger node of the sandbox: a process of its own that the supervisor starts, tells the time and may lose. */

import { startMessenger } from "@troth/messenger";
import { SystemClock } from "@troth/protocol";
import type { FromNode, NodeOptions, ToNode } from "./supervisor.ts";

const options = JSON.parse(process.argv[2] ?? "") as NodeOptions;
const clock = new SystemClock();
clock.advance(options.clockOffsetMs);

const tell = (message: FromNode) => process.send?.(message);

const messenger = await startMessenger({
	clock,
	stores: { kind: "sqlite", directory: options.dataDir },
	port: options.port,
	...(options.webRoot !== undefined && { webRoot: options.webRoot }),
	codes: { development: true, send: async () => {} },
	onCode: (phone, code) => tell({ kind: "code", phone, code }),
});

const stop = async () => {
	process.removeAllListeners("disconnect");
	await messenger[Symbol.asyncDispose]();
	if (process.connected) process.disconnect();
};

process.on("message", (message: ToNode) => {
	switch (message.kind) {
		case "advance":
			clock.advance(message.ms);
			tell({ kind: "advanced", id: message.id });
			break;
		case "stop":
			void stop();
			break;
	}
});
// Without its parent nobody would ever stop it.
process.on("disconnect", () => void stop());
// A terminal's Ctrl-C reaches the whole group; the parent tells us when to stop.
process.on("SIGINT", () => {});

tell({ kind: "ready", url: messenger.url });
