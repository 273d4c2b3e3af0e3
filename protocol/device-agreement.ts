import type { ListedDevice } from "./gen/troth/v1/identity_pb.ts";

/**
 * What a device signs to be listed by an account (`ListedDevice.agreement`, label `device-agreement`): the account's id
 * and identity key, the device's id and signature key, one after the other. All four have fixed lengths.
 */
export function deviceAgreement({
	accountId,
	identityKey,
	deviceId,
	signatureKey,
}: Pick<ListedDevice, "deviceId" | "signatureKey"> & {
	readonly accountId: Uint8Array;
	readonly identityKey: Uint8Array;
}): Uint8Array<ArrayBuffer> {
	const parts = [accountId, identityKey, deviceId, signatureKey];
	const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
}
