import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import {
	type AccountId,
	DeviceListSchema,
	deviceAgreement,
	isRefusal,
	LABELS,
	LIMITS,
	type RefusalCode,
	type Signed,
	SignedSchema,
	signedBytes,
	toHex,
} from "@troth/protocol";
import fc from "fast-check";
import { newDevice, newSigner, signDeviceList, signStatement } from "../_identities.ts";
import { checkDeviceList } from "./device-list.ts";

const account = toHex(randomBytes(16)) as AccountId;
const identity = newSigner();
const phone = newDevice();
const laptop = newDevice();

function refused(signed: Signed | undefined, code: RefusalCode = "DEVICE_LIST_INVALID"): void {
	assert.throws(
		() => checkDeviceList(signed),
		(error) => isRefusal(error, code),
	);
}

test("alice's list of two devices reads as she signed it", () => {
	const list = checkDeviceList(signDeviceList(identity, account, 3, [phone, laptop], 0));
	assert.equal(list.account, account);
	assert.equal(list.version, 3);
	assert.deepEqual(
		list.devices.map(({ device }) => device),
		[phone.device, laptop.device],
	);
});

test("a list that another key signed, or that was signed as something else, is refused", () => {
	const mallory = newSigner();
	const forged = { publicKey: identity.publicKey, sign: mallory.sign };
	refused(signDeviceList(forged, account, 1, [phone], 0));
	const good = signDeviceList(identity, account, 1, [phone], 0);
	refused(create(SignedSchema, { ...good, signature: good.signature.subarray(1) }));
	refused(create(SignedSchema, { ...good, signature: new Uint8Array() }));
	const statement = {
		accountId: Buffer.from(account, "hex"),
		identityKey: identity.publicKey,
		version: 1,
		devices: [{ deviceId: Buffer.from(phone.device, "hex"), signatureKey: phone.signer.publicKey }],
	};
	refused(signStatement(identity, LABELS.login, DeviceListSchema, statement));
	checkDeviceList(signStatement(identity, LABELS.deviceList, DeviceListSchema, statement));
	refused(undefined, "MALFORMED");
	refused(create(SignedSchema, { statement: Buffer.from("ff", "hex") }), "MALFORMED");
});

test("no devices, too many, one twice, or one without a key are refused", () => {
	refused(signDeviceList(identity, account, 1, [], 0));
	refused(signDeviceList(identity, account, 0, [phone], 0));
	refused(signDeviceList(identity, account, 1, [phone, { ...laptop, device: phone.device }], 0));
	const many = Array.from({ length: LIMITS.devicesPerAccount + 1 }, () => newDevice());
	refused(signDeviceList(identity, account, 1, many, 0), "DEVICES_FULL");
	checkDeviceList(signDeviceList(identity, account, 1, many.slice(1), 0));
	refused(
		signDeviceList(identity, account, 1, [{ ...phone, signer: { ...phone.signer, publicKey: randomBytes(31) } }], 0),
	);
	refused(signDeviceList(identity, "abcd" as AccountId, 1, [phone], 0));
});

test("a linked device that did not sign that it is hers is not listed, and neither is one that signed for another account", () => {
	const listed = ({ device, signer }: typeof phone, agreed?: { readonly account: AccountId }) => {
		const [deviceId, signatureKey] = [Buffer.from(device, "hex"), signer.publicKey];
		const parts = { accountId: Buffer.from(agreed?.account ?? "", "hex"), identityKey: identity.publicKey };
		const statement = deviceAgreement({ ...parts, deviceId, signatureKey });
		const agreement = signer.sign(signedBytes(LABELS.deviceAgreement, statement));
		return { deviceId, signatureKey, agreement: agreed === undefined ? new Uint8Array() : agreement };
	};
	const list = (...devices: ReturnType<typeof listed>[]) =>
		signStatement(identity, LABELS.deviceList, DeviceListSchema, {
			...{ accountId: Buffer.from(account, "hex"), identityKey: identity.publicKey, version: 2, devices },
		});
	const other = { account: toHex(randomBytes(16)) as AccountId };
	assert.deepEqual(
		checkDeviceList(list(listed(phone), listed(laptop, { account }))).devices.map(({ agreed }) => agreed),
		[false, true],
		"the first one of an old account never signed",
	);
	refused(list(listed(phone), listed(laptop)));
	refused(list(listed(phone, { account }), listed(laptop)));
	refused(list(listed(phone), listed(laptop, other)));
	refused(list(listed(phone, other)));
	const borrowed = listed(laptop, { account });
	refused(list(listed(phone), { ...borrowed, agreement: listed(phone, { account }).agreement }));
});

test("any statement is read or refused", () => {
	fc.assert(
		fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 80 }), (statement, signature) => {
			assert.throws(
				() => checkDeviceList(create(SignedSchema, { statement, signature })),
				(error) => isRefusal(error, "MALFORMED", "DEVICE_LIST_INVALID", "DEVICES_FULL"),
			);
		}),
	);
});
