/** Whoever has the file can do what they want to its bytes: what is taken is what was made, or it is refused by name. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { toHex } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { KEYS } from "../state/keys.ts";
import {
	addConversation,
	addPerson,
	collect,
	each,
	engine,
	newDevice,
	random,
	rowsOf,
	type TestDevice,
} from "./_history.ts";
import { ArchiveError } from "./archive-error.ts";
import { fromFile, toFile } from "./archive-file.ts";
import { makeArchive } from "./make-archive.ts";
import { takeArchive } from "./take-archive.ts";

const SECRET = random(32);
let phone: TestDevice;
let archive: readonly Uint8Array[];
let file: Uint8Array;
/** Another archive of the same device under the same secret. */
let later: readonly Uint8Array[];

before(async () => {
	phone = await newDevice();
	await addConversation(phone, await addPerson(phone, "Bob"), 300);
	archive = await collect(makeArchive(phone, SECRET, undefined, 5000));
	later = await collect(makeArchive(phone, SECRET, undefined, 5000));
	file = Buffer.concat(await collect(toFile(each(archive))));
	assert.ok(archive.length >= 5, `${archive.length} parts`);
});

/** Why it was refused; fails where it was not. `taken`: how many parts were in by then. */
async function refusal(parts: AsyncIterable<Uint8Array>, secret = SECRET): Promise<{ code: string; taken: number }> {
	let taken = 0;
	const laptop = await newDevice({ account: phone.profile().account });
	try {
		await takeArchive(laptop, secret, parts, () => taken++);
	} catch (error) {
		assert.ok(error instanceof ArchiveError, `${error}`);
		return { code: error.code, taken };
	}
	throw new assert.AssertionError({ message: "it was taken" });
}

test("a bit that was changed anywhere is found, and nothing of that part is used", async () => {
	const anywhere = fc.record({ at: fc.nat(file.length - 1), bit: fc.nat(7) });
	await fc.assert(
		fc.asyncProperty(anywhere, async ({ at, bit }) => {
			const changed = Uint8Array.from(file);
			changed[at] = (changed[at] ?? 0) ^ (1 << bit);
			const { code } = await refusal(fromFile(each([changed])));
			assert.ok(["Damaged", "Truncated", "NotAnArchive"].includes(code), code);
		}),
		{ numRuns: rounds(30) },
	);
	for (let at = 0; at < (archive[0]?.length ?? 0); at++) {
		const changed = archive.map((part, n) => (n === 0 ? Uint8Array.from(part) : part));
		const head = changed[0];
		if (head !== undefined) head[at] = (head[at] ?? 0) ^ 1;
		const { code, taken } = await refusal(each(changed));
		assert.ok(["Damaged", "Truncated", "NotAnArchive"].includes(code) && taken === 0, `${at}: ${code}`);
	}
});

test("parts that are left out, moved, repeated or from another archive are refused where they stand", async () => {
	const [head, ...parts] = archive;
	assert.ok(head !== undefined);
	const place = fc.nat(parts.length - 1);
	const change = fc.oneof(
		fc.record({ kind: fc.constant("drop"), a: place, b: place }),
		fc.record({ kind: fc.constant("swap"), a: place, b: place }),
		fc.record({ kind: fc.constant("repeat"), a: place, b: place }),
		fc.record({ kind: fc.constant("mix"), a: place, b: place }),
	);
	await fc.assert(
		fc.asyncProperty(change, async ({ kind, a, b }) => {
			const [one, other] = [parts[a], parts[b]];
			assert.ok(one !== undefined && other !== undefined);
			const changed = [...parts];
			if (kind === "drop") changed.splice(a, 1);
			if (kind === "swap") [changed[a], changed[b]] = [other, one];
			if (kind === "repeat") changed.splice(b, 0, one);
			if (kind === "mix") changed[a] = later[a + 1] ?? one;
			const same = changed.length === parts.length && changed.every((part, n) => part === parts[n]);
			if (same) return;
			const { code, taken } = await refusal(each([head, ...changed]));
			assert.equal(code, kind === "drop" && a === parts.length - 1 ? "Truncated" : "Damaged");
			const whole = changed.findIndex((part, n) => part !== parts[n]);
			assert.equal(taken, whole < 0 ? Math.min(changed.length, parts.length) : whole, "and not before");
		}),
		{ numRuns: rounds(30) },
	);
	assert.equal((await refusal(each([...archive, parts[0] ?? head]))).code, "Damaged", "something after the end");
	assert.equal((await refusal(each([head]))).code, "Truncated");
	assert.equal((await refusal(each([]))).code, "Truncated");
});

test("no part but the last one passes for the last one, nor the last one for another", async () => {
	for (const n of archive.keys()) {
		if (n === 0) continue;
		const changed = archive.slice(0, n + 1).map((part) => Uint8Array.from(part));
		const part = changed[n];
		if (part !== undefined) part[0] = part[0] === 1 ? 0 : 1;
		assert.deepEqual(await refusal(each(changed)), { code: "Damaged", taken: n - 1 });
	}
});

test("a file that was cut anywhere says so, and what stood before the cut is there", async () => {
	await fc.assert(
		fc.asyncProperty(fc.nat(file.length - 1), async (length) => {
			const { code } = await refusal(fromFile(each([file.subarray(0, length)])));
			assert.equal(code, "Truncated");
		}),
		{ numRuns: rounds(20) },
	);
	const laptop = await newDevice({ account: phone.profile().account });
	await assert.rejects(takeArchive(laptop, SECRET, each(archive.slice(0, -1))), { code: "Truncated" });
	const [chat] = [...laptop.state.keptWithin<{ id: never }>(KEYS.conversations)];
	assert.ok(chat !== undefined && (await rowsOf(laptop, chat.id)).length > 100);
	await takeArchive(laptop, SECRET, each(archive));
	assert.equal((await rowsOf(laptop, chat.id)).length, 300, "the whole one completes it");
});

test("pieces of any size are the same file", async () => {
	await fc.assert(
		fc.asyncProperty(fc.integer({ min: 1, max: 40_000 }), async (size) => {
			const pieces: Uint8Array[] = [];
			for (let at = 0; at < file.length; at += size) pieces.push(file.subarray(at, at + size));
			const parts = await collect(fromFile(each(pieces)));
			assert.deepEqual(parts.map(toHex), archive.map(toHex));
		}),
		{ numRuns: rounds(5) },
	);
});

test("another secret opens nothing, and random bytes are no archive", async () => {
	assert.deepEqual(await refusal(each(archive), random(32)), { code: "WrongCode", taken: 0 });
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
			const { code } = await refusal(fromFile(each([bytes])));
			assert.ok(code === "NotAnArchive" || code === "Truncated", code);
		}),
		{ numRuns: rounds(30) },
	);
});

test("no key, no ratchet and no position to send from is ever in an archive", async () => {
	const device = await newDevice();
	const chat = await addConversation(device, await addPerson(device, "Bob"), 3);
	const [identity, own] = [await engine.generateSigningKeys(), await engine.generateSigningKeys()];
	const hex = ({ publicKey, privateKey }: typeof own) => ({
		publicKey: toHex(publicKey),
		privateKey: toHex(privateKey),
	});
	const secrets = [identity.privateKey, own.privateKey, ...[1, 2, 3, 4, 5].map(() => random(32))];
	const secret = (n: number) => secrets[n] ?? new Uint8Array();
	await device.state.transact(async (draft) => {
		draft.write(KEYS.secrets, { identity: hex(identity), device: hex(own) });
		draft.writeBytes(KEYS.groupState(chat), secret(2));
		draft.writeBytes(KEYS.groupTree(chat), secret(3));
		draft.writeBytes(KEYS.keyPackageSecret("ref"), secret(4));
		draft.writeBytes(KEYS.outboxBytes(chat, "000000000001"), secret(5));
		draft.write(KEYS.exporters(chat), [{ epoch: 1, receipts: toHex(secret(6)), signals: toHex(secret(6)) }]);
		draft.write(KEYS.log(chat), { log: chat, seq: 3, from: 0, hash: undefined, nextClientSeq: 77, senders: {} });
	});
	const parts = await collect(makeArchive(device, SECRET));
	const laptop = await newDevice({ account: device.profile().account });
	await takeArchive(laptop, SECRET, each(parts));
	const kept = [...laptop.data.keys()];
	const sending = /^(secrets|group-|key-package|outbox|exporters|pending|log)/;
	assert.deepEqual(
		kept.filter((key) => sending.test(key)),
		[],
	);
	const everything = [...laptop.data.values()].map((value) => Buffer.from(value).toString("latin1")).join("\n");
	for (const bytes of secrets) {
		assert.ok(!everything.includes(toHex(bytes)) && !everything.includes(Buffer.from(bytes).toString("latin1")));
	}
	assert.ok(everything.includes("no. 3"), "the history is there");
});
