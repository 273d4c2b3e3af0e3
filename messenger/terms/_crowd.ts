/** Many accounts, made in the stores themselves, and the jobs that tell them of terms; for tests and benchmarks. */
import { randomBytes } from "node:crypto";
import type { AccountId, Clock, DeviceId, PhoneNumber } from "@troth/protocol";
import { AccountDirectory } from "../accounts/directory.ts";
import { BusinessDirectory } from "../business/business-directory.ts";
import { openDeviceLog } from "../delivery/device-logs.ts";
import { type OpenDelivery, openDelivery } from "../delivery/index.ts";
import { Events, type LogSink } from "../events.ts";
import { DeviceSessions } from "../sessions/sessions.ts";
import type { OpenStores } from "../stores.ts";

const ROWS_AT_ONCE = 500;
const NONE = new Uint8Array();

export interface CrowdOptions {
	readonly accounts: number;
	readonly nowMs: number;
	/** When the notice of version 2 was displayed to the account of this number; never where it is left out. */
	readonly displayedAtMs?: (n: number) => number;
}

/** Accounts with one device each, who accepted version 1; gives the devices. */
export async function makeCrowd(
	{ records, logs }: OpenStores,
	{ accounts, nowMs, displayedAtMs }: CrowdOptions,
): Promise<readonly DeviceId[]> {
	const devices: DeviceId[] = [];
	for (let first = 0; first < accounts; first += ROWS_AT_ONCE) {
		const slice = Array.from({ length: Math.min(ROWS_AT_ONCE, accounts - first) }, (_, n) => ({
			n: first + n,
			account: randomBytes(16).toString("hex") as AccountId,
			device: randomBytes(16).toString("hex") as DeviceId,
		}));
		await records.transaction().execute(async (transaction) => {
			await transaction
				.insertInto("account")
				.values(
					slice.map(({ n, account }) => ({
						...{ account_id: account, phone: `+1555${1_000_000 + n}` as PhoneNumber, identity_key: NONE },
						...{ list_version: 1, list_statement: NONE, list_signature: NONE, created_at_ms: nowMs },
					})),
				)
				.execute();
			await transaction
				.insertInto("device")
				.values(
					slice.map(({ account, device }) => ({
						...{ device_id: device, account_id: account, signature_key: NONE, created_at_ms: nowMs },
						...{ last_attached_ms: null, removed_at_ms: null },
					})),
				)
				.execute();
			await transaction
				.insertInto("standing")
				.values(
					slice.map(({ n, account }) => {
						const displayed = displayedAtMs?.(n);
						const deadline = displayed === undefined ? null : displayed + 30 * 24 * 3600 * 1000;
						return {
							...{ account_id: account, accepted_version: 1, accepted_at_ms: nowMs, time_ms: nowMs },
							...{ notice_version: displayed === undefined ? null : 2, deadline_ms: deadline },
							notice_displayed_at_ms: displayed ?? null,
						};
					}),
				)
				.execute();
		});
		await Promise.all(slice.map(({ account, device }) => openDeviceLog(logs, account, device)));
		for (const { device } of slice) devices.push(device);
	}
	return devices;
}

/** Delivery over these stores, with nobody attached. */
export async function openCrowdDelivery(
	stores: OpenStores,
	clock: Clock,
	log: LogSink = () => {},
): Promise<{ readonly delivery: OpenDelivery; readonly events: Events }> {
	const { records, logs, blobs, hints, secrets } = stores;
	const events = new Events(clock, log);
	const directory = new AccountDirectory(records, clock);
	const businesses = await BusinessDirectory.open(records);
	const origin = "http://127.0.0.1:1";
	const sessions = new DeviceSessions(clock, secrets, directory, origin);
	const delivery = openDelivery({
		clock,
		logs,
		blobs,
		hints,
		origin,
		directory,
		businesses,
		sessions,
		secrets,
		events,
	});
	return { delivery, events };
}
