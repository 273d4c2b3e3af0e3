/** Devices in a browser: IndexedDB, sealed under a key that can not be exported. Runs in a worker. */
import { SystemClock } from "@troth/protocol";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { domCryptoProvider } from "../mls/provider.dom.ts";
import { openIndexedDbStore } from "../store/indexeddb.dom.ts";
import { sealStore } from "../store/sealed-store.ts";
import { openDomSealer } from "../store/sealer.dom.ts";
import { openWebSocket } from "../sync/web-socket.ts";
import { factsOfUserAgent, programOfUserAgent } from "./facts.ts";
import type { DevicePorts } from "./ports.ts";

/**
 * The ports of this origin's device. Only one context may hold them at a time: elect a leader with a Web Lock first
 * (hazard 13). Rejects where IndexedDB or WebCrypto can not be used.
 */
export async function openDomPorts(name = "troth"): Promise<DevicePorts> {
	const inner = await openIndexedDbStore(name);
	const store = await sealStore(inner, await openDomSealer(`${name}-key`));
	const program = programOfUserAgent(navigator.userAgent);
	return {
		clock: new SystemClock(),
		store,
		engine: createMlsEngine(domCryptoProvider),
		random: (length) => crypto.getRandomValues(new Uint8Array(length)),
		fetch: (input, init) => globalThis.fetch(input, init),
		openSocket: openWebSocket,
		facts: { ...factsOfUserAgent(navigator.userAgent), ...(program !== undefined && { program }) },
	};
}
