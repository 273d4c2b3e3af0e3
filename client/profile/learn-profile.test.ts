/** Words about oneself come in any order, and not all are true: what bob believes of alice, and of mallory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
	type AccountId,
	idBytes,
	LABELS,
	LIMITS,
	NumberCertificateSchema,
	ProfileSchema,
	SystemClock,
	toHex,
} from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { nodePorts } from "../device/open.node.ts";
import { readAccount } from "../identity/directory.ts";
import { signStatement } from "../identity/signed.ts";
import { KEYS } from "../state/keys.ts";
import { LocalState } from "../state/local-state.ts";
import { MemoryStore } from "../store/memory.ts";
import { learnProfile } from "./learn-profile.ts";

const ALICE = "aa".repeat(16) as AccountId;
const MALLORY = "bb".repeat(16) as AccountId;
const NUMBER = "+15550100001";
const NOW = 1_800_000_000_000;

const { engine } = nodePorts(new MemoryStore(new Map()), new SystemClock());
const server = await engine.generateSigningKeys();

/** Bob's device as far as it learns, with the server's key pinned. */
async function bob() {
	const state = await LocalState.open(new MemoryStore(new Map()), engine);
	const policyKey = toHex(server.publicKey);
	await state.transact(async (draft) =>
		draft.write(KEYS.trust, { policyKey, shareKey: undefined, logs: {}, witnesses: [] }),
	);
	const context = { engine, state } as unknown as DeviceContext;
	return {
		hears: (account: AccountId, said: Partial<MessageInitShape<typeof ProfileSchema>>, timeMs = NOW) =>
			state.transact((draft) =>
				learnProfile(context, draft, account, create(ProfileSchema, { name: "A", changedAtMs: 1n, ...said }), timeMs),
			),
		knows: (account: AccountId) => state.transact((draft) => readAccount(draft, account)),
	};
}

const photo = (n: number, changedAtMs: bigint) => ({
	photo: { photoId: new Uint8Array(32).fill(n), key: new Uint8Array(32), changedAtMs },
});
const noPhoto = (changedAtMs: bigint) => ({ photo: { changedAtMs } });

async function numberOf(
	account: AccountId,
	changedAtMs: bigint,
	{ phone = NUMBER, issuedAtMs = NOW, keys = server } = {},
) {
	const certificate = { accountId: idBytes(account), phone, issuedAtMs: BigInt(issuedAtMs) };
	const statement = toBinary(NumberCertificateSchema, create(NumberCertificateSchema, certificate));
	return {
		number: { changedAtMs, certificate: await signStatement(engine, keys, LABELS.numberCertificate, statement) },
	};
}

test("the newest word about a picture counts, and of two at one time the one that shows it", async () => {
	const said = [photo(1, 5n), noPhoto(5n), noPhoto(3n), photo(2, 4n), {}];
	for (const order of [said, said.toReversed()]) {
		const { hears, knows } = await bob();
		for (const words of order) await hears(ALICE, words);
		assert.equal((await knows(ALICE)).photo?.id, "01".repeat(32));
		await hears(ALICE, noPhoto(6n));
		assert.equal((await knows(ALICE)).photo, undefined);
	}
	const { hears, knows } = await bob();
	await hears(ALICE, { photo: { photoId: new Uint8Array(31), key: new Uint8Array(32), changedAtMs: 9n } });
	assert.equal((await knows(ALICE)).photo, undefined, "a picture has an id and a key");
});

test("a number is believed of whom the server says it is, for two weeks", async () => {
	const { hears, knows } = await bob();
	const mallorys = await engine.generateSigningKeys();
	const old = await numberOf(MALLORY, 3n, { issuedAtMs: NOW - LIMITS.numberCertificateMs });
	for (const claim of [await numberOf(ALICE, 1n), await numberOf(MALLORY, 2n, { keys: mallorys }), old]) {
		await hears(MALLORY, claim);
		assert.equal((await knows(MALLORY)).phone, undefined);
	}
	await hears(ALICE, await numberOf(ALICE, 1n));
	assert.equal((await knows(ALICE)).phone, NUMBER);
	// Not shown any more is not somebody else's: what was known stays. Whose it is now, the server says.
	await hears(ALICE, { number: { changedAtMs: 2n } });
	assert.equal((await knows(ALICE)).phone, NUMBER);
	await hears(MALLORY, await numberOf(MALLORY, 4n));
	assert.deepEqual([(await knows(MALLORY)).phone, (await knows(ALICE)).phone], [NUMBER, undefined]);
});
