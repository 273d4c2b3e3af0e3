/** The door of delivery: streams, logs and what accounts need of them. */
import type { Server } from "node:http";
import { CLOSE, Refusal } from "@troth/protocol";
import type { Delivery, DeliveryDependencies } from "../context.ts";
import { openDeviceLog } from "./device-logs.ts";
import { Exchange, TIMING, type Timing } from "./exchange.ts";
import { OWNERS_LIMITS, type OwnersLimits } from "./log-owners.ts";
import { contactsOf, dropDevices } from "./membership.ts";
import { notifyDevices } from "./notify-devices.ts";
import { acceptStreams } from "./upgrade.ts";

export interface OpenDelivery extends Delivery, AsyncDisposable {
	/** What the conversation endpoints work on. */
	readonly exchange: Exchange;
	/** Streams that are open now. */
	readonly streams: number;
	/** Tells `usage` what the open streams did since the last time. */
	countStreams(): void;
}

export interface DeliveryOptions {
	readonly timing?: Partial<Timing>;
	readonly owners?: OwnersLimits;
	/** LIMITS.backlogEntries where it is left out. */
	readonly backlogEntries?: number;
}

/** Starts delivery. Disposing it sends all devices away and waits until what was accepted is stored and answered. */
export function openDelivery(dependencies: DeliveryDependencies, options: DeliveryOptions = {}): OpenDelivery {
	const { timing, owners = OWNERS_LIMITS, backlogEntries } = options;
	const exchange = new Exchange(dependencies, { ...TIMING, ...timing }, owners, backlogEntries);
	return {
		exchange,
		get streams() {
			return exchange.streams;
		},
		countStreams: () => exchange.countStreams(),
		openDeviceLog: (account, device) => openDeviceLog(exchange.logs, account, device),
		dropDevices: async (_account, devices) => {
			for (const device of devices) {
				exchange.wakeUps?.forget(device);
				exchange
					.attached(device)
					?.end(CLOSE.removed, new Refusal("DEVICE_REMOVED", "the account no longer lists this device"));
			}
			await dropDevices(exchange, devices);
		},
		endStreams: (devices) => {
			for (const device of devices) exchange.attached(device)?.end(CLOSE.restart);
		},
		blocksChanged: (account) => {
			exchange.owners.blocksChanged(account);
			exchange.presence?.reconsider(account);
		},
		businessRulesChanged: (account) => exchange.owners.businessRulesChanged(account),
		attached: (device) => exchange.attached(device) !== undefined,
		notifyDevices: (devices, kind, payload, options) => notifyDevices(exchange, devices, { kind, payload }, options),
		contactsOf: (account) => contactsOf(exchange, account),
		[Symbol.asyncDispose]: () => exchange.close(),
	};
}

/** Serves streams on this HTTP server from now on. */
export function attachStream(server: Server, { delivery }: { readonly delivery: OpenDelivery }): void {
	acceptStreams(delivery.exchange, server);
}
