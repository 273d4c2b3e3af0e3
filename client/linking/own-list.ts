/** The next version of the account's device list, signed by the identity key that every device of the account has. */
import { type DeviceId, fromHex, isRefusal, Refusal, readId } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { readDeviceList, signDeviceList } from "../identity/device-list.ts";
import { learnDeviceList, readAccount } from "../identity/directory.ts";
import type { SigningKeys } from "../mls/engine.ts";
import { KEYS } from "../state/keys.ts";
import type { ListedDeviceRecord } from "../state/records.ts";

/** Lists that others of the account published at the same moment, before it is given up. */
const ATTEMPTS = 5;

/** The account identity key. */
export async function identityKeys({ state }: Pick<DeviceContext, "state">): Promise<SigningKeys> {
	const secrets = await state.read(KEYS.secrets);
	const { publicKey = "", privateKey = "" } = secrets?.identity ?? {};
	return { publicKey: fromHex(publicKey) ?? new Uint8Array(), privateKey: fromHex(privateKey) ?? new Uint8Array() };
}

/** The devices this device believes its account to have. */
export function ownDevices({ state, self }: Pick<DeviceContext, "state" | "self">): readonly ListedDeviceRecord[] {
	return state.kept(KEYS.account(self.account))?.devices ?? [];
}

/**
 * Publishes what `change` makes of the newest list; what it gives back unchanged is not published. Devices that the
 * server unlinked go with it. Rejects with DEVICE_LIST_INVALID, RATE_LIMITED, UNAVAILABLE and with what `change` throws.
 */
export async function publishOwnList(
	context: DeviceContext,
	change: (devices: readonly ListedDeviceRecord[]) => readonly ListedDeviceRecord[],
): Promise<void> {
	for (let attempt = 1; ; attempt++) {
		try {
			return await publishOnce(context, change);
		} catch (error) {
			if (!isRefusal(error, "DEVICE_LIST_STALE") || attempt === ATTEMPTS) throw error;
		}
	}
}

async function publishOnce(
	context: DeviceContext,
	change: (devices: readonly ListedDeviceRecord[]) => readonly ListedDeviceRecord[],
): Promise<void> {
	const { engine, rpc, self, state } = context;
	const answer = await rpc.accounts.getOwnAccount({});
	const newest = await readDeviceList(engine, self.account, answer.deviceList);
	const known = await state.transact(async (draft) => {
		await learnDeviceList(engine, draft, self.account, answer.deviceList, async () => {});
		return readAccount(draft, self.account);
	});
	// A server that hands out an older list than is known here would have a removed device come back.
	if (newest === undefined || newest.version < known.version)
		throw new Refusal("DEVICE_LIST_INVALID", "the server has no list of this account that counts");
	const alive = new Set(answer.devices.map(({ deviceId }) => readId<DeviceId>(deviceId)));
	const base = known.devices.filter(({ device }) => device === self.device || alive.has(device));
	const devices = change(base);
	const same = devices.length === known.devices.length && devices.every((one, at) => one === known.devices[at]);
	if (same) return;
	const { account } = self;
	const list = { account, version: known.version + 1, devices, issuedAtMs: context.serverNow() };
	const signed = await signDeviceList(engine, await identityKeys(context), list);
	await rpc.accounts.publishDeviceList({ deviceList: signed });
	await state.transact(async (draft) => {
		await learnDeviceList(engine, draft, account, signed, async () => {});
	});
}
