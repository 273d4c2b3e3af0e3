/**
 * The signed device list (hazard 11): which devices an account has, in the words of its owner. The server checks it
 * so that honest clients never meet a broken one; clients check it again and do not take the server's word.
 */
import { decodeStatement } from "@troth/bridge";
import {
	type AccountId,
	type DeviceId,
	type DeviceList,
	DeviceListSchema,
	deviceAgreement,
	ED25519_KEY_BYTES,
	LABELS,
	LIMITS,
	type ListedDevice,
	Refusal,
	readId,
	type Signed,
	signedBytes,
	verifySigned,
} from "@troth/protocol";
import { verifyEd25519 } from "@troth/protocol/ed25519.ts";

export interface CheckedDevice {
	readonly device: DeviceId;
	readonly signatureKey: Uint8Array;
	/** The device signed that it is this account's. */
	readonly agreed: boolean;
}

export interface CheckedDeviceList {
	readonly account: AccountId;
	readonly identityKey: Uint8Array;
	readonly version: number;
	readonly devices: readonly CheckedDevice[];
	/** As the owner signed it: stored and handed out like this. */
	readonly signed: Signed;
}

/**
 * Reads a device list and checks everything that can be seen from it alone, the signature by the identity key that
 * it names included. Refuses with MALFORMED, DEVICE_LIST_INVALID or DEVICES_FULL.
 */
export function checkDeviceList(value: Signed | undefined): CheckedDeviceList {
	const { signed, statement } = decodeStatement(DeviceListSchema, value);
	const account = readId<AccountId>(statement.accountId);
	if (account === undefined) throw invalid("account_id has to be 16 bytes");
	if (statement.identityKey.length !== ED25519_KEY_BYTES) throw invalid("identity_key is not an Ed25519 key");
	if (!verifySigned(statement.identityKey, LABELS.deviceList, signed))
		throw invalid("the identity key did not sign this");
	if (statement.version < 1) throw invalid("versions begin at 1");
	if (statement.devices.length < 1) throw invalid("an account has a device");
	if (statement.devices.length > LIMITS.devicesPerAccount)
		throw new Refusal("DEVICES_FULL", `an account has at most ${LIMITS.devicesPerAccount} devices`);
	const devices = statement.devices.map((listed) => checkDevice(statement, listed));
	if (devices.slice(1).some(({ agreed }) => !agreed))
		throw invalid("a linked device has to sign that it is this account's");
	if (new Set(devices.map(({ device }) => device)).size < devices.length) throw invalid("a device is listed twice");
	return { account, identityKey: statement.identityKey, version: statement.version, devices, signed };
}

function checkDevice({ accountId, identityKey }: DeviceList, listed: ListedDevice): CheckedDevice {
	const { deviceId, signatureKey, agreement, sealedDetails } = listed;
	const device = readId<DeviceId>(deviceId);
	if (device === undefined) throw invalid("device_id has to be 16 bytes");
	if (signatureKey.length !== ED25519_KEY_BYTES) throw invalid("signature_key is not an Ed25519 key");
	if (sealedDetails.length > LIMITS.deviceDetailsBytes) throw invalid("sealed_details is too long");
	const agreed = agreement.length > 0;
	const statement = deviceAgreement({ accountId, identityKey, deviceId, signatureKey });
	if (agreed && !verifyEd25519(signatureKey, signedBytes(LABELS.deviceAgreement, statement), agreement))
		throw invalid("the device did not sign its agreement");
	return { device, signatureKey, agreed };
}

export function invalid(message: string): Refusal {
	return new Refusal("DEVICE_LIST_INVALID", message);
}
