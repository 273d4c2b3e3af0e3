import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { toHex } from "./ids.ts";
import { EMPTY_LOG_HASH, entryDigest, extendLogHash, type HashedEntry } from "./log-hash.ts";

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash("sha256").update(bytes).digest());

const entry: fc.Arbitrary<HashedEntry> = fc.record({
	seq: fc.integer({ min: 1, max: 2 ** 32 - 1 }),
	kind: fc.integer({ min: 1, max: 5 }),
	senderDevice: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(toHex),
	payload: fc.uint8Array({ maxLength: 200 }),
});

const chain = (entries: readonly HashedEntry[]) =>
	entries.reduce<Uint8Array>((hash, next) => extendLogHash(hash, entryDigest(next, sha256), sha256), EMPTY_LOG_HASH);

test("the running hash of two known entries is the one written down here", () => {
	const hash = chain([
		{ seq: 1, kind: 2, senderDevice: "11".repeat(16), payload: new TextEncoder().encode("commit") },
		{ seq: 2, kind: 1, senderDevice: "22".repeat(16), payload: new TextEncoder().encode("message") },
	]);
	assert.equal(toHex(hash), "593494b19e43bd0f0a3191f65b97e0a56879e2de9287354e9a36d2834668d40b");
});

test("two histories that differ anywhere have different running hashes", () => {
	fc.assert(
		fc.property(
			fc.array(entry, { minLength: 1, maxLength: 8 }),
			fc.nat(),
			fc.integer({ min: 0, max: 3 }),
			(log, at, part) => {
				const i = at % log.length;
				const changed = log.map((original, n) => {
					if (n !== i) return original;
					if (part === 0) return { ...original, seq: original.seq ^ 1 };
					if (part === 1) return { ...original, kind: original.kind + 1 };
					if (part === 2) return { ...original, senderDevice: toHex(new Uint8Array(16)) };
					return { ...original, payload: Uint8Array.of(...original.payload, 0) };
				});
				fc.pre(JSON.stringify(changed[i]) !== JSON.stringify(log[i]));
				assert.notDeepEqual(chain(changed), chain(log));
				const reversed = [...log].reverse();
				if (JSON.stringify(reversed) !== JSON.stringify(log)) assert.notDeepEqual(chain(reversed), chain(log));
			},
		),
	);
});
