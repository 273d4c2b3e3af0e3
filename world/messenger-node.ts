/** One messenger node of the sandbox: a process of its own that the supervisor starts, tells the time and may lose. */
import { type Messenger, startMessenger } from "@troth/messenger";
import { SystemClock } from "@troth/protocol";
import type { FromNode, NodeOptions, ToNode } from "./supervisor.ts";

const clock = new SystemClock();
let messenger: Messenger | undefined;

const tell = (message: FromNode) => process.send?.(message);

async function serve(options: NodeOptions): Promise<void> {
	clock.advance(options.clockOffsetMs);
	messenger = await startMessenger({
		clock,
		stores: { kind: "sqlite", directory: options.dataDir },
		port: options.port,
		...(options.webRoot !== undefined && { webRoot: options.webRoot }),
		codes: { development: true, send: async () => {} },
		onCode: (phone, code) => tell({ kind: "code", phone, code }),
	});
	tell({ kind: "ready", url: messenger.url });
}

async function stop(): Promise<void> {
	process.removeAllListeners("disconnect");
	await messenger?.[Symbol.asyncDispose]();
	if (process.connected) process.disconnect();
}

process.on("message", (message: ToNode) => {
	switch (message.kind) {
		case "serve":
			// A failed start ends the process with its reason: the supervisor reads it.
			void serve(message.options);
			break;
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
