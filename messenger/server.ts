/** Builds the messenger out of its parts and serves it on one origin: API, stream, web app, health. */
import { readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import type { Clock, PhoneNumber } from "@troth/protocol";
import { assembleMessenger } from "./assemble.ts";
import type { CodeSender } from "./codes/port.ts";
import { attachStream, type DeliveryOptions } from "./delivery/index.ts";
import { Events, type LogSink } from "./events.ts";
import { Edge } from "./http/edge.ts";
import type { Backups } from "./operator/backup.ts";
import type { PushOptions } from "./push/open-wake-ups.ts";
import type { SharingOptions } from "./sharing/options.ts";
import { openStores, type StoresAt } from "./stores.ts";

export interface MessengerOptions {
	readonly clock: Clock;
	readonly stores: StoresAt;
	/** 127.0.0.1 where it is left out. */
	readonly host?: string;
	/** Any free port where it is left out or 0. */
	readonly port?: number;
	/** The origin people use, where it is not that of the socket (a proxy in front). */
	readonly origin?: string;
	/** How codes reach phones; the development provider on standard output where it is left out. */
	readonly codes?: CodeSender;
	/** ISO 3166-1 alpha-2: whose numbers get codes; those of all countries where it is left out. */
	readonly codeCountries?: readonly string[];
	/** Addresses of proxies whose word on where a request comes from is believed (`X-Forwarded-For`). */
	readonly trustedProxies?: readonly string[];
	/** Told of every code that went out: for the sandbox and for tests, never for the public. */
	readonly onCode?: (phone: PhoneNumber, code: string) => void;
	/** Directory of the built web app, served at `/`. */
	readonly webRoot?: string;
	/** Lines of JSON; standard error where it is left out. */
	readonly log?: LogSink;
	/** Bearer token of the operator API; without one there is none. */
	readonly operatorToken?: string;
	/** A suspended account that none of its devices comes to for so many days ends; 120 where it is left out, 0 never. */
	readonly absenceDays?: number;
	/** Path of a policy file that lies ready for the operator to publish. */
	readonly nextPolicy?: string;
	/** How devices that are away are woken; nobody is where it is left out. */
	readonly push?: PushOptions;
	/** Other timing and limits of delivery than its own. */
	readonly delivery?: DeliveryOptions;
	/** Without it nothing can be shared. */
	readonly sharing?: SharingOptions;
	/** Without it there are no backups while it runs. */
	readonly backups?: Backups;
	/** Told where the bridge, not there at the start, says later that these are old records; the process ends without it. */
	readonly onRecordsBehind?: (error: Error) => void;
}

/** A running messenger. Disposing it ends connections and streams, closes the stores and leaves nothing behind. */
export interface Messenger extends AsyncDisposable {
	/** Where it listens, e.g. "http://127.0.0.1:7000". */
	readonly url: string;
	/** What devices sign and people type; differs from `url` behind a proxy. */
	readonly origin: string;
	readonly port: number;
	/** Counts of business events since the start. */
	counters(): ReadonlyMap<string, number>;
}

/**
 * Starts a messenger; resolves when it answers. Rejects where a store can not be opened, the port is taken, the next
 * policy is none (PolicyError), or the records are older than what the bridge has read of them (RecordsBehindError).
 */
export async function startMessenger(options: MessengerOptions): Promise<Messenger> {
	const { clock } = options;
	const host = options.host ?? "127.0.0.1";
	await using undo = new AsyncDisposableStack();
	const events = new Events(clock, options.log);
	const stores = undo.use(await openStores(options.stores));
	const policies = {
		first: await readPolicyFile(shippedPolicyPath("v1")),
		next: options.nextPolicy === undefined ? undefined : await readPolicyFile(options.nextPolicy),
	};
	const edge = undo.use(new Edge(clock, options.trustedProxies));
	const port = await edge.listen(host, options.port ?? 0);
	const url = `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
	const origin = options.origin ?? url;
	const front = { origin, drain: () => edge.drain() };
	const context = await assembleMessenger(undo, options, { stores, events, policies, front });
	await edge.serve(context, options.webRoot, options.operatorToken);
	attachStream(edge.server, context);
	events.started({ origin, store: options.stores.kind });

	const running = undo.move();
	return {
		url,
		origin,
		port,
		counters: () => events.counters(),
		async [Symbol.asyncDispose]() {
			await running.disposeAsync();
			events.stopped();
		},
	};
}
