import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { rounds } from "./_rounds.ts";
import {
	decodeEntry,
	type EntryFields,
	encodeAckFrame,
	encodeEntry,
	encodeEntryFrame,
	encodeProgressFrame,
	encodeSendFrame,
	encodeSendOkFrame,
	readHotFrame,
} from "./frames.ts";
import { type Entry, type EntryKind, EntrySchema } from "./gen/troth/v1/entry_pb.ts";
import { FrameSchema } from "./gen/troth/v1/stream_pb.ts";
import { FrameError } from "./proto-reader.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
const id = fc.oneof(fc.uint8Array({ minLength: 16, maxLength: 16 }), bytes);
const uint32 = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 0xffff_ffff }));
const time = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));

const entries: fc.Arbitrary<EntryFields> = fc.record(
	{
		log: id,
		seq: uint32,
		timeMs: time,
		kind: fc.nat({ max: 9 }),
		senderAccount: id,
		senderDevice: id,
		clientSeq: uint32,
		epoch: uint32,
		payload: fc.uint8Array({ maxLength: 20_000, size: "max" }),
		frankingTag: fc.option(bytes, { nil: undefined }),
	},
	{ noNullPrototype: true },
);

function generated(entry: EntryFields): Entry {
	const { timeMs, frankingTag, kind, ...fields } = entry;
	return create(EntrySchema, {
		...fields,
		kind: kind as EntryKind,
		timeMs: BigInt(timeMs),
		...(frankingTag !== undefined && { stamp: { frankingTag } }),
	} as MessageInitShape<typeof EntrySchema>);
}

function fields(entry: Entry): EntryFields {
	const { log, seq, kind, senderAccount, senderDevice, clientSeq, epoch, payload } = entry;
	const timeMs = Number(entry.timeMs);
	const frankingTag = entry.stamp?.frankingTag;
	return { log, seq, timeMs, kind, senderAccount, senderDevice, clientSeq, epoch, payload, frankingTag };
}

test("an entry is written and read as the generated code does it", () => {
	fc.assert(
		fc.property(entries, (entry) => {
			const ours = encodeEntry(entry);
			const theirs = toBinary(EntrySchema, generated(entry));
			assert.deepEqual(ours, theirs);
			assert.deepEqual(decodeEntry(theirs), entry);
			const frame = toBinary(FrameSchema, create(FrameSchema, { body: { case: "entry", value: generated(entry) } }));
			assert.deepEqual(encodeEntryFrame(ours), frame);
			assert.deepEqual(readHotFrame(frame), { kind: "entry", body: ours });
		}),
	);
});

test("Send, SendOk, Ack and Progress are written and read as the generated code does it", () => {
	fc.assert(
		fc.property(id, uint32, uint32, time, bytes, (log, clientSeq, second, timeMs, payload) => {
			const send = { log, clientSeq, epoch: second, payload };
			const sendFrame = toBinary(FrameSchema, create(FrameSchema, { body: { case: "send", value: send } }));
			assert.deepEqual(encodeSendFrame(send), sendFrame);
			assert.deepEqual(readHotFrame(sendFrame), { kind: "send", ...send });

			const ok = { log, clientSeq, seq: second, timeMs };
			const value = { ...ok, timeMs: BigInt(timeMs) };
			const okFrame = toBinary(FrameSchema, create(FrameSchema, { body: { case: "sendOk", value } }));
			assert.deepEqual(encodeSendOkFrame(ok), okFrame);
			assert.deepEqual(readHotFrame(okFrame), { kind: "sendOk", ...ok });

			const ack = { log, seq: second };
			const ackFrame = toBinary(FrameSchema, create(FrameSchema, { body: { case: "ack", value: ack } }));
			assert.deepEqual(encodeAckFrame(ack), ackFrame);
			assert.deepEqual(readHotFrame(ackFrame), { kind: "ack", ...ack });

			const progress = { log, accountId: payload, ackedSeq: second };
			const value2 = create(FrameSchema, { body: { case: "progress", value: progress } });
			assert.deepEqual(encodeProgressFrame(progress), toBinary(FrameSchema, value2));
		}),
	);
});

test("unknown fields of every type are skipped, wherever they stand", () => {
	const unknown = [
		[0xa0, 0x06, 0xff, 0xff, 0x03], // 100: varint
		[0xa1, 0x06, 1, 2, 3, 4, 5, 6, 7, 8], // 100: 64 bits
		[0xa2, 0x06, 2, 9, 9], // 100: bytes
		[0xa5, 0x06, 1, 2, 3, 4], // 100: 32 bits
	];
	const entry: EntryFields = {
		...{ log: new Uint8Array(16).fill(7), seq: 3, timeMs: 5, kind: 1, clientSeq: 2, epoch: 4 },
		...{ senderAccount: new Uint8Array(16), senderDevice: new Uint8Array(16) },
		...{ payload: new Uint8Array([1, 2, 3]), frankingTag: new Uint8Array([4]) },
	};
	for (const field of unknown) {
		assert.deepEqual(decodeEntry(new Uint8Array([...field, ...encodeEntry(entry), ...field])), entry);
		const inner = [...field, 0x0a, 1, 5, ...field, 0x10, 6, ...field];
		const frame = readHotFrame(new Uint8Array([0x22, inner.length, ...inner]));
		assert.deepEqual(frame, { kind: "ack", log: new Uint8Array([5]), seq: 6 });
	}
});

test("a frame with more than one field is left to the generated code", () => {
	const ack = encodeAckFrame({ log: new Uint8Array(16), seq: 1 });
	assert.equal(readHotFrame(new Uint8Array([...ack, ...ack])), undefined);
	assert.equal(readHotFrame(new Uint8Array(0)), undefined);
	const ping = toBinary(FrameSchema, create(FrameSchema, { body: { case: "ping", value: { sentAtMs: 1n } } }));
	assert.equal(readHotFrame(ping), undefined);
});

test("whatever bytes come: a FrameError, or what the generated code reads in them", () => {
	const valid = entries.map((entry) =>
		encodeEntryFrame(encodeEntry({ ...entry, payload: entry.payload.slice(0, 50) })),
	);
	const sends = fc.record({ log: id, clientSeq: uint32, epoch: uint32, payload: bytes }).map(encodeSendFrame);
	const oks = fc.record({ log: id, clientSeq: uint32, seq: uint32, timeMs: time }).map(encodeSendOkFrame);
	const acks = fc.record({ log: id, seq: uint32 }).map(encodeAckFrame);
	// The body is changed, and the length in front of it put right again: else almost everything ends at the length.
	const mutated = fc
		.tuple(
			fc.oneof(valid, sends, oks, acks),
			fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 }),
			fc.option(fc.nat()),
		)
		.map(([frame, changes, cut]) => {
			const body = frame.slice((frame[1] ?? 0) < 0x80 ? 2 : 3);
			const copy = body.slice(0, cut === null ? body.length : cut % (body.length + 1));
			for (const [at, value] of changes) if (copy.length > 0) copy[at % copy.length] = value;
			return new Uint8Array([frame[0] ?? 0, (copy.length & 0x7f) | 0x80, copy.length >>> 7, ...copy]);
		});
	let decoded = 0;
	let refused = 0;
	fc.assert(
		fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 80 })), (input) => {
			try {
				const frame = readHotFrame(input);
				if (frame === undefined) return;
				const entry = frame.kind === "entry" ? decodeEntry(frame.body) : undefined;
				const { body } = fromBinary(FrameSchema, input);
				decoded++;
				assert.equal(body.case, frame.kind);
				if (body.case === "entry") assert.deepEqual(entry, fields(body.value));
				if (body.case === "ack") assert.deepEqual(frame, { kind: "ack", log: body.value.log, seq: body.value.seq });
				if (body.case === "send") {
					const { log, clientSeq, epoch, payload } = body.value;
					assert.deepEqual(frame, { kind: "send", log, clientSeq, epoch, payload });
				}
				if (body.case === "sendOk") {
					const { log, clientSeq, seq, timeMs } = body.value;
					assert.deepEqual(frame, { kind: "sendOk", log, clientSeq, seq, timeMs: Number(timeMs) });
				}
			} catch (error) {
				if (!(error instanceof FrameError)) throw error;
				refused++;
			}
		}),
		{ numRuns: rounds(3000) },
	);
	assert.ok(decoded > 100 && refused > 100, `${decoded} decoded, ${refused} refused`);
});

test("numbers that do not fit are refused, not cut off", () => {
	const tooLarge = [0xff, 0xff, 0xff, 0xff, 0x1f];
	assert.throws(() => readHotFrame(new Uint8Array([0x22, 6, 0x10, ...tooLarge])), FrameError);
	assert.deepEqual(readHotFrame(new Uint8Array([0x22, 6, 0x10, 0xff, 0xff, 0xff, 0xff, 0x0f])), {
		kind: "ack",
		log: new Uint8Array(0),
		seq: 0xffff_ffff,
	});
	const negativeTime = [0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
	assert.throws(() => decodeEntry(new Uint8Array(negativeTime)), FrameError);
});
