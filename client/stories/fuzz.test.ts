/** A server that sends anything at all: every kind of entry and frame with damaged bytes. The device lives on. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { EntryKind, EntrySchema, type Frame, FrameSchema, idBytes } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { Middleman } from "./_lying.ts";
import { startWorld, until } from "./_people.ts";

const RUNS = rounds(400);

test("whatever bytes come in whatever entry, the log goes on and nothing breaks", async () => {
	await using world = await startWorld();
	const man = new Middleman();
	const alice = await world.person("Alice", { ports: man.between });
	const bob = await world.person("Bob");
	const group = await bob.device.createGroup("Walks", [(await bob.device.find(alice.phone)).account]);
	await until("alice is in", async () => (await alice.device.conversation(group))?.title === "Walks");
	await bob.say(group, "one");
	await until("alice has it", async () => (await alice.texts(group)).length === 1);
	const seen = man.received.flatMap(({ body }) => (body.case === "entry" ? [body.value] : []));
	const payloads = seen.map(({ payload }) => payload);
	const next = new Map<string, number>();
	for (const { log, seq } of seen) next.set(Buffer.from(log).toString("hex"), seq + 1);

	const logs = [idBytes(group), idBytes(alice.self?.device ?? group)];
	const damaged = fc.oneof(
		fc.uint8Array({ maxLength: 200 }),
		fc.tuple(fc.constantFrom(...payloads), fc.nat(), fc.integer({ min: 0, max: 255 })).map(([bytes, at, mask]) => {
			const copy = Uint8Array.from(bytes);
			copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ mask;
			return copy;
		}),
	);
	const kinds = [
		EntryKind.MESSAGE,
		EntryKind.COMMIT,
		EntryKind.WELCOME,
		EntryKind.DEVICE_LIST,
		EntryKind.TERMS_NOTICE,
		EntryKind.ACCOUNT_ENDING,
		99,
	];
	const entries = fc.record({
		log: fc.constantFrom(...logs),
		kind: fc.constantFrom(...kinds),
		payload: damaged,
		senderAccount: fc.constantFrom(idBytes(bob.account), new Uint8Array(), new Uint8Array(3)),
		senderDevice: fc.constantFrom(idBytes(bob.self?.device ?? group), new Uint8Array(16)),
		clientSeq: fc.nat(20),
		epoch: fc.nat(4),
	});
	const frames: Frame[] = [];
	for (const fields of fc.sample(entries, { numRuns: RUNS, seed: 1 })) {
		const log = Buffer.from(fields.log).toString("hex");
		const seq = next.get(log) ?? 1;
		next.set(log, seq + 1);
		frames.push(
			create(FrameSchema, {
				body: {
					case: "entry",
					value: create(EntrySchema, { ...fields, kind: fields.kind as EntryKind, seq, timeMs: 1n }),
				},
			}),
		);
	}
	const sealed = fc.sample(fc.uint8Array({ maxLength: 1100 }), { numRuns: RUNS / 4, seed: 2 });
	for (const bytes of sealed) {
		const value = { log: idBytes(group), deviceId: idBytes(bob.self?.device ?? group), sealed: bytes };
		frames.push(create(FrameSchema, { body: { case: "register", value: { ...value, version: 1 } } }));
		frames.push(create(FrameSchema, { body: { case: "ephemeral", value } }));
		frames.push(
			create(FrameSchema, { body: { case: "progress", value: { log: bytes, accountId: bytes, ackedSeq: 9 } } }),
		);
		frames.push(
			create(FrameSchema, { body: { case: "sendOk", value: { log: bytes, clientSeq: 3, seq: 4, timeMs: 1n } } }),
		);
		frames.push(
			create(FrameSchema, {
				body: { case: "skipped", value: { log: idBytes(group), from: 1, to: 2, digests: [bytes] } },
			}),
		);
	}
	man.inject(frames);
	const last = next.get(group) ?? 0;
	await until(
		"all of it is stored",
		async () => {
			const shown = (await alice.rows(group)).filter(({ seq }) => seq !== undefined);
			return shown.some(({ seq }) => seq === last - 1) || shown.length > Math.min(900, RUNS / 4);
		},
		1000 + RUNS,
	);
	await new Promise((resolve) => setTimeout(resolve, 300));
	const codes = (await alice.rows(group)).flatMap(({ body }) => (body.kind === "unreadable" ? [body.code] : []));
	assert.ok(codes.length > 50, `${codes.length} refused`);
	assert.deepEqual(
		codes.filter((code) => code === "Defect"),
		[],
		"every refusal has a reason",
	);
	assert.notEqual((await alice.device.connection()).state, "relink-required");
	assert.equal(
		(await alice.device.conversations()).some(({ id }) => id === group),
		true,
	);
});
