/** Device lists as they come from a server that may say anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { type AccountId, type DeviceId, DeviceListSchema, toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { nodeCryptoProvider } from "../mls/provider.node.ts";
import { decodeDeviceList, readDeviceList, signAgreement, signDeviceList } from "./device-list.ts";

const engine = createMlsEngine(nodeCryptoProvider);
const account = "11".repeat(16) as AccountId;
const device = (byte: number) => ({
	deviceId: new Uint8Array(16).fill(byte),
	signatureKey: new Uint8Array(32).fill(byte),
	addedAtMs: 1n,
	agreement: new Uint8Array(64).fill(byte),
});
const list = {
	accountId: new Uint8Array(16).fill(0x11),
	identityKey: new Uint8Array(32).fill(9),
	version: 1,
	devices: [device(1), device(2)],
	issuedAtMs: 1n,
};
const encode = (change: object) => toBinary(DeviceListSchema, create(DeviceListSchema, { ...list, ...change }));

test("a signed list is read back as it was", async () => {
	const identity = await engine.generateSigningKeys();
	const devices = [{ device: "22".repeat(16) as DeviceId, signatureKey: "33".repeat(32), addedAtMs: 5 }];
	const signed = await signDeviceList(engine, identity, { account, version: 3, devices, issuedAtMs: 7 });
	const read = await readDeviceList(engine, account, signed);
	assert.deepEqual({ version: read?.version, devices: read?.devices }, { version: 3, devices });
	assert.equal(await readDeviceList(engine, "44".repeat(16) as AccountId, signed), undefined);
	assert.equal(await readDeviceList(engine, account, undefined), undefined);
});

test("a list with anything out of its range is none", () => {
	assert.ok(decodeDeviceList(encode({})) !== undefined);
	const wrong = {
		"short account id": { accountId: new Uint8Array(15) },
		"short identity key": { identityKey: new Uint8Array(31) },
		"version 0": { version: 0 },
		"no device": { devices: [] },
		"nine devices": { devices: Array.from({ length: 9 }, (_, i) => device(i)) },
		"the same device twice": { devices: [device(1), { ...device(2), deviceId: device(1).deviceId }] },
		"the same key twice": { devices: [device(1), { ...device(2), signatureKey: device(1).signatureKey }] },
		"a short device id": { devices: [{ ...device(1), deviceId: new Uint8Array(3) }] },
		"a second device without an agreement": { devices: [device(1), { ...device(2), agreement: new Uint8Array() }] },
		"half an agreement": { devices: [{ ...device(1), agreement: new Uint8Array(32) }] },
		"details that are too long": { devices: [{ ...device(1), sealedDetails: new Uint8Array(513) }] },
		"a long key": { devices: [{ ...device(1), signatureKey: new Uint8Array(33) }] },
	};
	for (const [what, change] of Object.entries(wrong)) assert.equal(decodeDeviceList(encode(change)), undefined, what);
});

test("a device is listed only with its own agreement to be this account's", async () => {
	const identity = await engine.generateSigningKeys();
	const laptop = await engine.generateSigningKeys();
	const named = { accountId: list.accountId, identityKey: identity.publicKey, deviceId: device(2).deviceId };
	const first = { device: "22".repeat(16) as DeviceId, signatureKey: "33".repeat(32), addedAtMs: 5 };
	const read = async (agreement: Uint8Array) => {
		const second = { device: "02".repeat(16) as DeviceId, signatureKey: toHex(laptop.publicKey), addedAtMs: 6 };
		const devices = [first, { ...second, agreement: toHex(agreement) }];
		const signed = await signDeviceList(engine, identity, { account, version: 4, devices, issuedAtMs: 7 });
		return readDeviceList(engine, account, signed);
	};
	assert.equal((await read(await signAgreement(engine, laptop, named)))?.devices.length, 2);
	const elsewhere = { ...named, accountId: new Uint8Array(16).fill(0x12) };
	assert.equal(await read(await signAgreement(engine, laptop, elsewhere)), undefined);
	assert.equal(await read(await signAgreement(engine, await engine.generateSigningKeys(), named)), undefined);
	assert.equal(await read(await signAgreement(engine, laptop, { ...named, deviceId: device(3).deviceId })), undefined);
});

test("no bytes at all pass for a signed list", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.uint8Array({ maxLength: 300 }),
			fc.uint8Array({ maxLength: 80 }),
			async (statement, signature) => {
				decodeDeviceList(statement);
				const signed = { $typeName: "troth.v1.Signed" as const, statement, signature };
				assert.equal(await readDeviceList(engine, account, signed), undefined);
			},
		),
		{ numRuns: rounds(300) },
	);
});
