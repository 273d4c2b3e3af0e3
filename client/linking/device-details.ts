/** What a device is called, for the devices of its account alone: in the list that everybody may read it is sealed. */
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
	type DeviceDetails,
	DeviceDetailsSchema,
	type DeviceId,
	DeviceKind,
	fromHex,
	idBytes,
	LIMITS,
	toHex,
} from "@troth/protocol";
import type { DeviceFacts } from "../device/facts.ts";
import type { DeviceKindName } from "../device/linking-api.ts";
import { deriveKey, openBox, sealBox } from "./secret-box.ts";

const INFO = "troth/v1/device-details";

const KINDS: Readonly<Record<DeviceFacts["deviceType"], DeviceKind>> = {
	phone: DeviceKind.PHONE,
	tablet: DeviceKind.TABLET,
	computer: DeviceKind.COMPUTER,
};

/** What this machine calls itself, where its person gave it no name. */
export function detailsOf({ deviceType, os, program }: DeviceFacts, name?: string): DeviceDetails {
	const own = program === undefined ? os : `${program} on ${os}`;
	return create(DeviceDetailsSchema, { name: shorten(name?.trim() || own), kind: KINDS[deviceType] });
}

export function kindName(kind: DeviceKind): DeviceKindName {
	switch (kind) {
		case DeviceKind.PHONE:
			return "phone";
		case DeviceKind.TABLET:
			return "tablet";
		case DeviceKind.COMPUTER:
			return "computer";
		default:
			return "other";
	}
}

/** A name as it may be shown: one line, not too long. */
export function shorten(name: string): string {
	const line = name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
	return [...line].slice(0, LIMITS.deviceNameCharacters).join("");
}

/** For `ListedDevice.sealed_details`, hex. `seed`: of the account identity key. */
export async function sealDetails(
	seed: Uint8Array,
	device: DeviceId,
	details: DeviceDetails,
	random: (length: number) => Uint8Array<ArrayBuffer>,
): Promise<string> {
	const plaintext = toBinary(DeviceDetailsSchema, details);
	return toHex(await sealBox(deriveKey(seed, INFO), idBytes(device), plaintext, random));
}

/** Undefined where there are none, or they are not for this device. */
export async function openDetails(
	seed: Uint8Array,
	device: DeviceId,
	sealed: string | undefined,
): Promise<DeviceDetails | undefined> {
	const bytes = sealed === undefined ? undefined : fromHex(sealed);
	const opened = bytes && (await openBox(deriveKey(seed, INFO), idBytes(device), bytes));
	if (opened === undefined) return undefined;
	try {
		const details = fromBinary(DeviceDetailsSchema, opened);
		return { ...details, name: shorten(details.name) };
	} catch {
		return undefined;
	}
}
