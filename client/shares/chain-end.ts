/**
 * The end of the person's chain (hazard 30): the device knows the chain value that the next entry about it would have,
 * and the public index of all chain values shows whether that one is in the log.
 */
import {
	bucketHas,
	bucketOf,
	type ChainIndexHead,
	FetchedLog,
	type LogTrust,
	linkOf,
	openBucket,
	openIndexHead,
	ProofError,
	parseVerifierKey,
} from "@troth/transparency";
import type { DeviceContext } from "../device/context.ts";
import type { ChainEnd } from "../device/sharing-api.ts";
import { INDEX_LOG, logTrust, type ServerTrust, SHARE_LOG } from "../identity/server-trust.ts";

/** The door writes a new entry each day, also where nothing is shared: an older one is kept from somebody. */
const FRESH_MS = 2 * 24 * 3600 * 1000;
/** The index may be brought up to date between two requests. */
const MOST_TRIES = 3;
/** These leave the question open; every other code is a false index. */
const OPEN: ReadonlySet<string> = new Set(["UNREACHABLE", "QUORUM_MISSING"]);

/**
 * Is there an entry behind this one? Never rejects for what the index says.
 *
 * @param after the last place of the chain that was told; 0 for none
 */
export async function checkChainEnd(
	context: Pick<DeviceContext, "getPublic" | "serverNow">,
	{ info, pins }: ServerTrust,
	shareKey: Uint8Array,
	after: number,
): Promise<ChainEnd> {
	const index = logTrust(pins, INDEX_LOG);
	const shares = pins.logs[SHARE_LOG];
	const url = info.logs.find(({ name }) => name === INDEX_LOG)?.url;
	if (index === undefined || shares === undefined || url === undefined)
		return { kind: "unchecked", reason: "NO_INDEX" };
	const next = linkOf(shareKey, after + 1);
	try {
		const files = () => new FetchedLog(url, context.getPublic);
		const bucket = await readBucket(files, index, parseVerifierKey(shares).name, next);
		const { size } = bucket.entry;
		if (bucketHas(bucket, next)) return { kind: "hidden", n: after + 1, size };
		const atMs = seenAt(bucket, index.quorum);
		if (context.serverNow() - atMs > FRESH_MS) return { kind: "unchecked", reason: "STALE" };
		return { kind: "complete", after, size, atMs, witnesses: bucket.witnessed.map(({ name }) => name) };
	} catch (error) {
		if (!(error instanceof ProofError)) throw error;
		return { kind: OPEN.has(error.code) ? "unchecked" : "wrong", reason: error.code };
	}
}

/** The bucket in which the value would be. It is all that is asked for, and many have the same one. */
async function readBucket(files: () => FetchedLog, trust: LogTrust, origin: string, value: Uint8Array) {
	for (let attempt = 1; ; attempt++) {
		const log = files();
		const { bits } = openIndexHead(await log.text("head"), trust, origin).entry;
		try {
			const bucket = openBucket(await log.text(`bucket/${bits}/${bucketOf(value, bits)}`), trust, origin);
			// More leaves, more buckets: this one is of a newer head, with other numbers.
			if (bucket.entry.bits === bits) return bucket;
		} catch (error) {
			if (!(error instanceof ProofError && error.code === "UNREACHABLE") || attempt === MOST_TRIES) throw error;
		}
		if (attempt === MOST_TRIES) throw new ProofError("UNREACHABLE", "the index keeps changing");
	}
}

/** When so many witnesses had seen it as are asked for; without witnesses what the door says. */
function seenAt({ witnessed, entry }: ChainIndexHead, quorum: number): number {
	const times = witnessed.map(({ atMs }) => atMs).sort((a, b) => b - a);
	return times[Math.max(1, quorum) - 1] ?? entry.atMs;
}
