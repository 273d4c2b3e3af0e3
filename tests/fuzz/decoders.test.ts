/**
 * Bytes and texts from outside, kept and damaged: a decoder gives a value or its own error, soon, and without taking
 * memory that the input does not stand for. `npm test` replays what is kept and damages a little; `npm run test:long`
 * damages for long. What breaks a decoder is printed as a line for its file in `corpus/`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toBinary } from "@bufbuild/protobuf";
import { rounds } from "@troth/protocol/_rounds.ts";
import { readCorpus, type Sample } from "./_corpus.ts";
import { CONTRACT, contractMessages, type Decoder, decoders } from "./_decoders.ts";
import { filled } from "./_filled.ts";
import { mutate, seeded } from "./_mutate.ts";

/** Far above what any input of a megabyte needs on a slow machine: beyond it something grows without bound. */
const LONGEST_MS = 20_000;
const MOST_BYTES = 512 * 1024 * 1024;
const NEVER = /call stack|allocation failed|invalid (typed )?array( buffer)? length|invalid string length/i;

/** What once broke a message, by its type. */
const shared = readCorpus(CONTRACT);
const schemas = new Map(contractMessages().map((schema) => [schema.typeName, schema]));
const DAMAGED = rounds(12);
/** The long search goes another way each time; a failure names the way it went. */
const SEED = DAMAGED > 12 ? Math.floor(performance.timeOrigin) >>> 0 : 1;

function samplesOf({ name }: Decoder): readonly Sample[] {
	const schema = schemas.get(name);
	if (schema === undefined) return readCorpus(name);
	const whole = { name: "filled", bytes: toBinary(schema, filled(schema)) };
	return [whole, ...shared.filter((sample) => sample.name.startsWith(name))];
}

async function tryOut({ decode, errors, name }: Decoder, input: Uint8Array, sample: string): Promise<void> {
	const line = () => `${name}, seed ${SEED}, keep as: ${sample}-broken ${Buffer.from(input).toString("base64")}`;
	const given = Uint8Array.from(input);
	const startedMs = performance.now();
	const before = process.memoryUsage();
	try {
		await decode(input);
	} catch (error) {
		const own = errors.some((type) => error instanceof type) && !(error instanceof TypeError);
		assert.ok(own && !NEVER.test(String(error)), new Error(`${String(error)}\n${line()}`, { cause: error }));
	}
	assert.ok(performance.now() - startedMs < LONGEST_MS, `it took too long: ${line()}`);
	const after = process.memoryUsage();
	const grown = after.heapUsed + after.external - before.heapUsed - before.external;
	assert.ok(grown < MOST_BYTES, `it took ${grown} bytes: ${line()}`);
	assert.ok(Buffer.compare(given, input) === 0, `it changed its input: ${line()}`);
}

/** Everything that is kept, and so much damage to each. Gives the number of inputs. */
async function tryAll(decoder: Decoder): Promise<number> {
	const samples = samplesOf(decoder);
	assert.ok(samples.length > 0, `there is no sample of ${decoder.name}: node tests/fuzz/collect.ts`);
	const random = seeded(SEED);
	const all = samples.map(({ bytes }) => bytes);
	for (const { name, bytes } of samples) {
		await tryOut(decoder, bytes, name);
		for (let n = 0; n < DAMAGED; n++) await tryOut(decoder, mutate(decoder.form, bytes, all, random), name);
	}
	return samples.length * (1 + DAMAGED);
}

test("every decoder holds against what is kept and against damage", { timeout: 3_600_000 }, async (context) => {
	let tried = 0;
	for (const [name, group] of decoders()) {
		await context.test(name, async () => {
			for (const decoder of group) tried += await tryAll(decoder);
		});
	}
	assert.ok(tried > 1000, `${tried} inputs`);
});

test("real samples are read: what is kept is not nonsense to begin with", async () => {
	for (const decoder of [...decoders().values()].flat()) {
		let read = 0;
		for (const { name, bytes } of samplesOf(decoder).filter((sample) => !sample.name.endsWith("-broken"))) {
			try {
				if ((await decoder.decode(Uint8Array.from(bytes))) !== undefined || decoder.errors.length > 0) read++;
			} catch (error) {
				// A proof needs a log, and a header its own group: the sample goes as far as the decoder alone can say.
				if (UNCHECKED.has(decoder.name)) read++;
				else throw new Error(`${decoder.name}: ${name}`, { cause: error });
			}
		}
		assert.ok(read > 0, decoder.name);
	}
});

const UNCHECKED = new Set(["share proofs", "commit bundles", "message headers"]);
