/** Codes as cameras see them: turned, small, in bad light, and what is no code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { encode } from "uqr";
import { type CodeReader, chooseReader, type Detectors } from "./choose-reader.ts";
import { decodeCode, type Pixels } from "./decode-code.ts";

interface Scene {
	/** Modules are so many pixels wide. */
	readonly scale: number;
	/** Radians. */
	readonly turned: number;
	/** Of light and dark, 0 to 255. */
	readonly contrast: number;
	/** Each pixel is lighter or darker by at most this. */
	readonly noise: number;
	/** Light on dark, as some screens show it. */
	readonly inverted: boolean;
	readonly seed: number;
}

const PLAIN: Scene = { scale: 6, turned: 0, contrast: 200, noise: 0, inverted: false, seed: 1 };
const SIDE = 480;
const LINK = `https://troth.example/#/link/${Array.from({ length: 13 }, () => "QX7A").join("-")}`;

/** A wall, lighter on one side, with this code in the middle of it. */
function seen(text: string | undefined, scene: Scene): Pixels {
	const { scale, turned, contrast, noise, inverted } = scene;
	const code = text === undefined ? undefined : encode(text, { ecc: "M", border: 2 });
	const data = new Uint8ClampedArray(SIDE * SIDE * 4);
	const [cos, sin] = [Math.cos(turned), Math.sin(turned)];
	let random = scene.seed;
	for (let at = 0; at < SIDE * SIDE; at++) {
		const [x, y] = [(at % SIDE) - SIDE / 2, Math.floor(at / SIDE) - SIDE / 2];
		const half = (code?.size ?? 0) / 2;
		const dark =
			code?.data[Math.floor((cos * y - sin * x) / scale + half)]?.[Math.floor((cos * x + sin * y) / scale + half)];
		random = (Math.imul(random, 1103515245) + 12345) >>> 0;
		const shade = ((at % SIDE) / SIDE) * 30 + ((random >>> 8) / 2 ** 23 - 1) * noise;
		const light = dark === undefined ? 120 : dark === inverted ? 128 + contrast / 2 : 128 - contrast / 2;
		data.fill(light + shade, at * 4, at * 4 + 3);
		data[at * 4 + 3] = 255;
	}
	return { width: SIDE, height: SIDE, data };
}

test("a code is read at any angle, from near and far, in bad light", () => {
	const scene = fc.record({
		scale: fc.double({ min: 3, max: 7, noNaN: true }),
		turned: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
		contrast: fc.integer({ min: 110, max: 200 }),
		noise: fc.integer({ min: 0, max: 15 }),
		inverted: fc.constant(false),
		seed: fc.nat(),
	});
	fc.assert(
		fc.property(scene, (scene) => {
			assert.equal(decodeCode(seen(LINK, scene), "thorough"), LINK);
		}),
		{ numRuns: rounds(8) },
	);
	assert.equal(decodeCode(seen(LINK, PLAIN), "glance"), LINK);
	assert.equal(decodeCode(seen(LINK, { ...PLAIN, inverted: true }), "thorough"), LINK);
	assert.equal(decodeCode(seen("Grüße an Bob – 你好", PLAIN), "glance"), "Grüße an Bob – 你好");
});

test("a wall, noise, half a code and pictures of no size hold no text", () => {
	const half = seen(LINK, PLAIN);
	half.data.fill(255, half.data.length / 2);
	const noise = seen(undefined, { ...PLAIN, noise: 127 });
	const dot = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
	for (const picture of [seen(undefined, PLAIN), noise, half, dot, { ...dot, width: 0 }])
		for (const patience of ["glance", "thorough"] as const) assert.equal(decodeCode(picture, patience), undefined);
});

test("any pixels hold a text or none, also those that are fewer or more than they say", () => {
	const side = fc.nat(64);
	const pixels = fc.record({ width: side, height: side, data: fc.uint8ClampedArray({ maxLength: 64 * 64 * 4 }) });
	// Codes with flaws: so the search gets far.
	const flawed = fc.array(fc.record({ at: fc.nat(), value: fc.nat(255), length: fc.nat(4000) })).map((flaws) => {
		const picture = seen(LINK, PLAIN);
		for (const { at, value, length } of flaws)
			picture.data.fill(value, at % picture.data.length, (at % picture.data.length) + length);
		return picture;
	});
	fc.assert(
		fc.property(fc.oneof(pixels, flawed), (picture) => {
			const text = decodeCode(picture, "glance");
			assert.ok(text === undefined || typeof text === "string");
		}),
		{ numRuns: rounds(20) },
	);
});

/** A browser's reader that knows these formats and reads, or does not. */
function detectors(formats: readonly string[], detect: () => Promise<{ rawValue: string }[]>): Detectors<string> {
	return class {
		static getSupportedFormats = async () => formats;
		detect = detect;
	};
}

test("the browser's reader is used where it reads QR codes and works, and ours everywhere else", async () => {
	let opened = 0;
	const ours = (): CodeReader<string> => {
		opened++;
		return { read: async (source) => `ours: ${source}`, [Symbol.dispose]: () => opened-- };
	};
	const read = [{ rawValue: "theirs" }];
	for (const [theirs, expected] of [
		[detectors(["aztec", "qr_code"], async () => read), "theirs"],
		[detectors(["qr_code"], async () => []), undefined],
		[detectors([], async () => read), "ours: a"],
		[detectors(["qr_code"], () => Promise.reject(new Error("no service"))), "ours: a"],
		[undefined, "ours: a"],
	] as const) {
		const reader = await chooseReader(theirs, ours);
		for (let looks = 0; looks < 2; looks++) assert.equal(await reader.read("a", "glance"), expected);
		assert.equal(opened, expected === "ours: a" ? 1 : 0, "and only where it is needed");
		reader[Symbol.dispose]();
		assert.equal(opened, 0);
	}
});
