/**
 * Device lists: which devices an account has, signed by its identity key. What is not listed here does not count as
 * that account's device in any conversation (hazard 11).
 */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	type DeviceId,
	type DeviceList,
	DeviceListSchema,
	deviceAgreement,
	fromHex,
	ID_BYTES,
	idBytes,
	LABELS,
	LIMITS,
	type ListedDevice,
	readId,
	type Signed,
	SignedSchema,
	signedBytes,
	toHex,
} from "@troth/protocol";
import type { MlsEngine, SigningKeys } from "../mls/engine.ts";
import type { ListedDeviceRecord } from "../state/records.ts";
import { signStatement, verifyStatement } from "./signed.ts";

const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** A device list whose form and signature are right. Whether its key is the account's is another question. */
export interface VerifiedDeviceList {
	readonly account: AccountId;
	readonly identityKey: string;
	readonly version: number;
	readonly devices: readonly ListedDeviceRecord[];
}

/** Signs a device list with the account identity key. */
export async function signDeviceList(
	engine: MlsEngine,
	identity: SigningKeys,
	list: Omit<VerifiedDeviceList, "identityKey"> & { readonly issuedAtMs: number },
): Promise<Signed> {
	const statement = toBinary(
		DeviceListSchema,
		create(DeviceListSchema, {
			accountId: idBytes(list.account),
			identityKey: identity.publicKey,
			version: list.version,
			devices: list.devices.map(({ device, signatureKey, addedAtMs, agreement, sealedDetails }) => ({
				deviceId: idBytes(device),
				signatureKey: fromHex(signatureKey) ?? new Uint8Array(),
				addedAtMs: BigInt(addedAtMs),
				agreement: fromHex(agreement ?? "") ?? new Uint8Array(),
				sealedDetails: fromHex(sealedDetails ?? "") ?? new Uint8Array(),
			})),
			issuedAtMs: BigInt(list.issuedAtMs),
		}),
	);
	return signStatement(engine, identity, LABELS.deviceList, statement);
}

/** Reads and verifies a list that the server gave for `account`; undefined where anything about it is wrong. */
export async function readDeviceList(
	engine: MlsEngine,
	account: AccountId,
	signed: Signed | undefined,
): Promise<VerifiedDeviceList | undefined> {
	if (signed === undefined) return undefined;
	const list = decodeDeviceList(signed.statement);
	if (list === undefined || readId<AccountId>(list.accountId) !== account) return undefined;
	if (!(await verifyStatement(engine, list.identityKey, LABELS.deviceList, signed))) return undefined;
	for (const listed of list.devices) if (!(await agreed(engine, list, listed))) return undefined;
	const devices = list.devices.map((listed) => ({
		device: toHex(listed.deviceId) as DeviceId,
		signatureKey: toHex(listed.signatureKey),
		addedAtMs: Number(listed.addedAtMs),
		...(listed.agreement.length > 0 && { agreement: toHex(listed.agreement) }),
		...(listed.sealedDetails.length > 0 && { sealedDetails: toHex(listed.sealedDetails) }),
	}));
	return { account, identityKey: toHex(list.identityKey), version: list.version, devices };
}

/** A device of its own signs that it is this account's (`ListedDevice.agreement`). */
export async function signAgreement(
	engine: MlsEngine,
	keys: SigningKeys,
	of: { readonly accountId: Uint8Array; readonly identityKey: Uint8Array; readonly deviceId: Uint8Array },
): Promise<Uint8Array> {
	const statement = deviceAgreement({ ...of, signatureKey: keys.publicKey });
	return engine.sign(keys, signedBytes(LABELS.deviceAgreement, statement));
}

/** Did the device sign that it is this account's? Which one may be without was looked at with the form of the list. */
async function agreed(engine: MlsEngine, list: DeviceList, listed: ListedDevice): Promise<boolean> {
	if (listed.agreement.length === 0) return true;
	const { deviceId, signatureKey, agreement } = listed;
	const statement = deviceAgreement({ ...list, deviceId, signatureKey });
	return verifyStatement(engine, signatureKey, LABELS.deviceAgreement, { statement, signature: agreement });
}

/** The statement with every field in its range; undefined otherwise. */
export function decodeDeviceList(statement: Uint8Array): DeviceList | undefined {
	let list: DeviceList;
	try {
		list = fromBinary(DeviceListSchema, statement);
	} catch {
		return undefined;
	}
	const distinct = (values: readonly Uint8Array[]) => new Set(values.map(toHex)).size === values.length;
	const wellFormed =
		list.accountId.length === ID_BYTES &&
		list.identityKey.length === KEY_BYTES &&
		list.version >= 1 &&
		list.devices.length >= 1 &&
		list.devices.length <= LIMITS.devicesPerAccount &&
		list.devices.every(
			({ deviceId, signatureKey, agreement, sealedDetails }, at) =>
				deviceId.length === ID_BYTES &&
				signatureKey.length === KEY_BYTES &&
				// Only the first device of an account is one that nobody asked to agree.
				(agreement.length === SIGNATURE_BYTES || (at === 0 && agreement.length === 0)) &&
				sealedDetails.length <= LIMITS.deviceDetailsBytes,
		) &&
		distinct(list.devices.map(({ deviceId }) => deviceId)) &&
		distinct(list.devices.map(({ signatureKey }) => signatureKey));
	return wellFormed ? list : undefined;
}

/** Reads a serialized `Signed`. Throws where the bytes are none. */
export function decodeSigned(bytes: Uint8Array): Signed {
	return fromBinary(SignedSchema, bytes);
}
