/** What a device needs from the machine it runs on. */
import type { Clock } from "@troth/protocol";
import type { MlsEngine } from "../mls/engine.ts";
import type { LocalStore } from "../store/port.ts";
import type { OpenSocket } from "../sync/web-socket.ts";
import type { DeviceFacts } from "./facts.ts";

export interface DevicePorts {
	readonly clock: Clock;
	/** Sealed already where there is a secret to do it with. The device closes it. */
	readonly store: LocalStore;
	readonly engine: MlsEngine;
	/** Unpredictable bytes. */
	readonly random: (length: number) => Uint8Array<ArrayBuffer>;
	readonly fetch: typeof fetch;
	readonly openSocket: OpenSocket;
	/** What this machine is, as coarse as it is told when accounts are linked. */
	readonly facts: DeviceFacts;
	/** Key packages on the server after registration and after each refill; where absent, enough for a day of new groups. */
	readonly keyPackageStock?: number;
}
