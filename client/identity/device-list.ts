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
	fromHex,
	ID_BYTES,
	idBytes,
	LABELS,
	LIMITS,
	readId,
	type Signed,
	SignedSchema,
	toHex,
} from "@troth/protocol";
import type { MlsEngine, SigningKeys } from "../mls/engine.ts";
import type { ListedDeviceRecord } from "../state/records.ts";
import { signStatement, verifyStatement } from "./signed.ts";

const KEY_BYTES = 32;

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
			devices: list.devices.map(({ device, signatureKey, addedAtMs }) => ({
				deviceId: idBytes(device),
				signatureKey: fromHex(signatureKey) ?? new Uint8Array(),
				addedAtMs: BigInt(addedAtMs),
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
	const devices = list.devices.map((listed) => ({
		device: toHex(listed.deviceId) as DeviceId,
		signatureKey: toHex(listed.signatureKey),
		addedAtMs: Number(listed.addedAtMs),
	}));
	return { account, identityKey: toHex(list.identityKey), version: list.version, devices };
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
			({ deviceId, signatureKey }) => deviceId.length === ID_BYTES && signatureKey.length === KEY_BYTES,
		) &&
		distinct(list.devices.map(({ deviceId }) => deviceId)) &&
		distinct(list.devices.map(({ signatureKey }) => signatureKey));
	return wellFormed ? list : undefined;
}

/** Reads a serialized `Signed`. Throws where the bytes are none. */
export function decodeSigned(bytes: Uint8Array): Signed {
	return fromBinary(SignedSchema, bytes);
}
