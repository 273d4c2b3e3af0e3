/** Which device lists are believed. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccountId, DeviceId } from "@troth/protocol";
import { createMlsEngine } from "../mls/mls-engine.ts";
import { nodeCryptoProvider } from "../mls/provider.node.ts";
import { KEYS } from "../state/keys.ts";
import { LocalState } from "../state/local-state.ts";
import { MemoryStore } from "../store/memory.ts";
import { signDeviceList } from "./device-list.ts";
import { authorityOf, learnDeviceList, readAccount } from "./directory.ts";

const engine = createMlsEngine(nodeCryptoProvider);
const account = "11".repeat(16) as AccountId;
const device = "22".repeat(16) as DeviceId;

async function directory() {
	const identity = await engine.generateSigningKeys();
	const state = await LocalState.open(new MemoryStore(), engine);
	const surprises: string[] = [];
	return {
		state,
		surprises,
		async learn(version: number, key: string, signer = identity, of = account) {
			const signed = await signDeviceList(engine, signer, {
				account: of,
				version,
				issuedAtMs: 1,
				devices: [{ device, signatureKey: key.repeat(32), addedAtMs: 1 }],
			});
			return state.transact((draft) =>
				learnDeviceList(engine, draft, account, signed, async (_, changed, what) => {
					assert.equal(changed, account);
					surprises.push(what);
				}),
			);
		},
		known: () => state.transact((draft) => readAccount(draft, account)),
	};
}

test("a newer list replaces an older one, never the other way round", async () => {
	const { state, surprises, learn, known } = await directory();
	await using _ = state;
	assert.equal(await learn(2, "aa"), "first");
	assert.equal(await learn(1, "bb"), "stale");
	assert.equal(await learn(2, "bb"), "stale", "the same version with other devices is no better");
	assert.equal(await learn(2, "aa"), "same");
	assert.deepEqual(surprises, []);
	assert.equal(await learn(3, "bb"), "new-devices");
	assert.deepEqual(surprises, ["devices"]);
	assert.equal((await known()).version, 3);
});

test("another device of somebody who was verified is said, and they stay verified: the key that signs is the same", async () => {
	const { state, surprises, learn, known } = await directory();
	await using _ = state;
	await learn(1, "aa");
	await state.transact(async (draft) => {
		const before = await readAccount(draft, account);
		draft.write(KEYS.account(account), { ...before, confirmedKey: before.identityKey });
	});
	assert.equal(await learn(2, "bb"), "new-devices");
	assert.deepEqual(surprises, ["devices"]);
	const { confirmedKey, identityKey, change } = await known();
	assert.equal(confirmedKey, identityKey);
	assert.equal(change, undefined, "nothing has to be settled");
});

test("another identity key is refused, said once, and takes back that it was compared", async () => {
	const { state, surprises, learn, known } = await directory();
	await using _ = state;
	await learn(1, "aa");
	const before = await known();
	await state.transact(async (draft) => {
		draft.write(KEYS.account(account), { ...before, confirmedKey: before.identityKey });
	});
	const stranger = await engine.generateSigningKeys();
	assert.equal(await learn(2, "cc", stranger), "changed-key");
	assert.equal(await learn(3, "dd", stranger), "changed-key");
	assert.deepEqual(surprises, ["key"], "once for this key");
	const after = await known();
	assert.equal(after.identityKey, before.identityKey);
	assert.deepEqual(after.devices, before.devices);
	assert.equal(after.confirmedKey, undefined);
	assert.deepEqual(after.change, { what: "key", asks: true, seen: false, successor: undefined });
});

test("a list for another account, or that was changed after signing, is none", async () => {
	const { state, learn, known } = await directory();
	await using _ = state;
	const other = "33".repeat(16) as AccountId;
	assert.equal(await learn(1, "aa", await engine.generateSigningKeys(), other), "invalid");
	const identity = await engine.generateSigningKeys();
	const signed = await signDeviceList(engine, identity, {
		account,
		version: 1,
		issuedAtMs: 1,
		devices: [{ device, signatureKey: "aa".repeat(32), addedAtMs: 1 }],
	});
	for (const at of [0, 20, signed.statement.length - 1]) {
		const statement = Uint8Array.from(signed.statement);
		statement[at] = (statement[at] ?? 0) ^ 1;
		const learned = await state.transact((draft) =>
			learnDeviceList(engine, draft, account, { ...signed, statement }, async () => {}),
		);
		assert.equal(learned, "invalid");
	}
	assert.equal((await known()).identityKey, undefined);
});

test("only a listed device with its listed key may be a leaf; what is unknown is asked for", async () => {
	const { state, learn } = await directory();
	await using _ = state;
	await learn(1, "aa");
	await state.transact(async (draft) => {
		const { authority, unknown } = authorityOf(draft);
		const key = (byte: number) => new Uint8Array(32).fill(byte);
		assert.equal(await authority({ account, device, signatureKey: key(0xaa) }), true);
		assert.deepEqual([...unknown], []);
		assert.equal(await authority({ account, device, signatureKey: key(0xab) }), false);
		const ghost = "44".repeat(16) as DeviceId;
		assert.equal(await authority({ account, device: ghost, signatureKey: key(0xaa) }), false);
		assert.deepEqual([...unknown], [account]);
	});
});
