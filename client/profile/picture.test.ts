/** What is cut out of a picture, what is taken for one, and that nobody opens a sealed one without its key. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { isRefusal, LIMITS } from "@troth/protocol";
import { rounds } from "@troth/protocol/_rounds.ts";
import fc from "fast-check";
import { pictureType, readPicture } from "./picture.ts";
import { openPicture, sealPicture } from "./seal-picture.ts";

const text = new TextEncoder();

function segment(marker: number, body: Uint8Array): number[] {
	return [0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
}

function chunk(kind: string, body: Uint8Array): number[] {
	const size = new Uint8Array(4);
	new DataView(size.buffer).setUint32(0, body.length, true);
	return [...text.encode(kind), ...size, ...body, ...(body.length % 2 === 1 ? [0] : [])];
}

function webp(...chunks: readonly number[][]): Uint8Array {
	const body = chunks.flat();
	return new Uint8Array([
		...chunk("RIFF", new Uint8Array([...text.encode("WEBP"), ...body])).slice(0, 8),
		...text.encode("WEBP"),
		...body,
	]);
}

const PLACE = "54.3N 10.1E";
const latin = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

test("a JPEG loses what the camera wrote into it, and keeps what draws it", () => {
	const tables = segment(0xdb, text.encode("tables"));
	const colours = segment(0xee, text.encode("Adobe"));
	const start = [...segment(0xe0, text.encode("JFIF")), ...segment(0xe1, text.encode(`Exif ${PLACE}`))];
	const rest = [
		...segment(0xfe, text.encode("by alice")),
		...tables,
		...colours,
		...segment(0xda, new Uint8Array(2)),
		1,
		2,
		0xff,
		0xd9,
	];
	const plain = latin(readPicture(new Uint8Array([0xff, 0xd8, ...start, ...rest])));
	assert.ok(!plain.includes(PLACE) && !plain.includes("alice"));
	assert.ok(
		plain.includes("tables") && plain.includes("Adobe") && plain.includes("JFIF") && plain.endsWith("\x01\x02\xff\xd9"),
	);
});

test("a WebP loses EXIF and XMP, says so in its header, and has the size that it says", () => {
	const header = new Uint8Array(10);
	header[0] = 0x1c;
	const picture = webp(
		chunk("VP8X", header),
		chunk("VP8 ", text.encode("drawn")),
		chunk("EXIF", text.encode(PLACE)),
		chunk("XMP ", text.encode("by alice")),
	);
	const plain = readPicture(picture);
	assert.ok(!latin(plain).includes(PLACE) && !latin(plain).includes("alice") && latin(plain).includes("drawn"));
	assert.equal(new DataView(plain.buffer).getUint32(4, true), plain.length - 8);
	assert.equal(plain[20], 0x10, "the flags of what is gone are gone, that of transparency stays");
});

test("whatever comes, it is a picture or refused by name", () => {
	const beginnings = [new Uint8Array([0xff, 0xd8, 0xff]), webp(), new Uint8Array()];
	fc.assert(
		fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 400 }), (beginning, rest) => {
			try {
				const plain = readPicture(new Uint8Array([...beginning, ...rest]));
				assert.ok(pictureType(plain) !== undefined && plain.length <= LIMITS.profilePhotoBytes);
			} catch (error) {
				assert.ok(isRefusal(error, "MALFORMED", "TOO_LARGE"));
			}
		}),
		{ numRuns: rounds(2000) },
	);
});

test("it is opened with its key, under its id, and not when a bit differs; its size tells little", async () => {
	const secret = { id: randomBytes(32), key: randomBytes(32) };
	const picture = randomBytes(5000);
	const sealed = await sealPicture(secret, randomBytes(12), picture);
	assert.equal(sealed.length, (await sealPicture(secret, randomBytes(12), randomBytes(8000))).length);
	assert.deepEqual(Buffer.from((await openPicture(secret, sealed)) ?? ""), picture);
	assert.equal(await openPicture({ ...secret, id: randomBytes(32) }, sealed), undefined);
	assert.equal(await openPicture({ ...secret, key: randomBytes(32) }, sealed), undefined);
	await fc.assert(
		fc.asyncProperty(fc.nat(sealed.length * 8 - 1), async (bit) => {
			const changed = Uint8Array.from(sealed);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			assert.equal(await openPicture(secret, changed), undefined);
		}),
		{ numRuns: rounds(100) },
	);
	assert.equal(await openPicture(secret, randomBytes(5)), undefined);
	const largest = await sealPicture(secret, randomBytes(12), randomBytes(LIMITS.profilePhotoBytes));
	assert.ok(largest.length <= LIMITS.profilePhotoCiphertextBytes);
});
