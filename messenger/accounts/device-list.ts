/**
 * The signed device list (hazard 11): which devices an account has, in the words of its owner. The server checks it
 * so that honest clients never meet a broken one; clients check it again and do not take the server's word.
 */
import { decodeStatement } from "@troth/bridge";
import {
	type AccountId,
	type DeviceId,
	DeviceListSchema,
	LABELS,
	LIMITS,
	Refusal,
	readId,
	type Signed,
} from "@troth/protocol";
import { importSignatureKey, verifySigned } from "./ed25519.ts";

export interface CheckedDeviceList {
	readonly account: AccountId;
	readonly identityKey: Uint8Array;
	readonly version: number;
	readonly devices: readonly { readonly device: DeviceId; readonly signatureKey: Uint8Array }[];
	/** As the owner signed it: stored and handed out like this. */
	readonly signed: Signed;
}

/**
 * Reads a device list and checks everything that can be seen from it alone, the signature by the identity key that
 * it names included. Refuses with MALFORMED or DEVICE_LIST_INVALID.
 */
export function checkDeviceList(value: Signed | undefined): CheckedDeviceList {
	const { signed, statement } = decodeStatement(DeviceListSchema, value);
	const account = readId<AccountId>(statement.accountId);
	if (account === undefined) throw invalid("account_id has to be 16 bytes");
	const identityKey = importSignatureKey(statement.identityKey);
	if (identityKey === undefined) throw invalid("identity_key is not an Ed25519 key");
	if (!verifySigned(identityKey, LABELS.deviceList, signed)) throw invalid("the identity key did not sign this");
	if (statement.version < 1) throw invalid("versions begin at 1");
	if (statement.devices.length < 1 || statement.devices.length > LIMITS.devicesPerAccount)
		throw invalid(`an account has 1 to ${LIMITS.devicesPerAccount} devices`);
	const devices = statement.devices.map(({ deviceId, signatureKey }) => {
		const device = readId<DeviceId>(deviceId);
		if (device === undefined) throw invalid("device_id has to be 16 bytes");
		if (importSignatureKey(signatureKey) === undefined) throw invalid("signature_key is not an Ed25519 key");
		return { device, signatureKey };
	});
	if (new Set(devices.map(({ device }) => device)).size < devices.length) throw invalid("a device is listed twice");
	return { account, identityKey: statement.identityKey, version: statement.version, devices, signed };
}

export function invalid(message: string): Refusal {
	return new Refusal("DEVICE_LIST_INVALID", message);
}
