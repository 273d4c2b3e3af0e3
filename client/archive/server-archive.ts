/** An archive on its way from one device of an account to another, as ciphertext on their server. */
import { type Clock, fromHex, ID_BYTES, isRefusal, Refusal, toHex } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { Rpc } from "../sync/rpc.ts";
import { setAsBefore } from "./as-before.ts";
import { makeArchive } from "./make-archive.ts";
import type { ArchiveProgress } from "./progress.ts";
import { takeArchive } from "./take-archive.ts";

/** How often a call that got no answer is made again, and after how long. */
const TRIES = 5;
const RETRY_MS = 2_000;
/** While the other device is still sending. */
const LOOK_EVERY_MS = 1_000;
/** For the next part of it. */
const PART_MS = 5 * 60 * 1000;

type Sender = Pick<DeviceContext, "state" | "random" | "profile" | "serverNow" | "rpc" | "clock">;

/** A name for an archive that will be sent: 16 random bytes as hex. It may be told before the first part is there. */
export function newArchiveId(random: (length: number) => Uint8Array): string {
	return toHex(random(ID_BYTES));
}

/**
 * Makes an archive and leaves it with the server, part by part. Resolves when all of it is there. Rejects with TOO_LARGE
 * (the account's quota), RATE_LIMITED, UNAVAILABLE (no connection, or the server's disk is full); what was sent is deleted
 * then, as far as the server can be reached.
 *
 * @param secret 32 bytes that only the two devices know
 */
export async function sendArchive(context: Sender, id: string, secret: Uint8Array): Promise<void> {
	const { rpc, clock } = context;
	const archiveId = bytesOf(id);
	try {
		let part = 0;
		// One behind: whether a part is the last one is known when no other comes.
		let held: Uint8Array<ArrayBuffer> | undefined;
		const put = (data: Uint8Array<ArrayBuffer>, last: boolean) => {
			// The same number however often it has to be sent.
			const message = { archiveId, part: part++, data, last };
			return insisting(clock, () => rpc.archives.putArchivePart(message));
		};
		for await (const data of makeArchive(context, secret)) {
			if (held !== undefined) await put(held, false);
			held = data;
		}
		if (held !== undefined) await put(held, true);
	} catch (error) {
		await deleteArchive(rpc, id).catch(() => {});
		throw error;
	}
}

/**
 * Takes the archive that another device of this account leaves with the server, also while it is still doing so, and
 * deletes it there. Call it again after a failure: it goes on where it was. Rejects with ArchiveError, NOT_FOUND (it is
 * gone, or nothing came for five minutes), UNAVAILABLE.
 */
export async function receiveArchive(
	context: DeviceContext,
	id: string,
	secret: Uint8Array,
	progressed?: (progress: ArchiveProgress) => void,
): Promise<ArchiveProgress> {
	const taken = await takeArchive(context, secret, partsOf(context, id), progressed);
	const done = await setAsBefore(context, taken);
	await deleteArchive(context.rpc, id).catch(() => {});
	return done;
}

/** Deletes the server's copy; nothing happens where there is none. */
async function deleteArchive(rpc: Rpc, id: string): Promise<void> {
	await rpc.archives.deleteArchive({ archiveId: bytesOf(id) });
}

async function* partsOf({ rpc, clock }: DeviceContext, id: string): AsyncGenerator<Uint8Array> {
	const archiveId = bytesOf(id);
	for (let part = 0; ; part++) {
		const { data, last } = await awaited(clock, () =>
			insisting(clock, () => rpc.archives.getArchivePart({ archiveId, part })),
		);
		yield data;
		if (last) return;
	}
}

/** Asks again while the part has not come yet. */
async function awaited<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
	for (const endMs = clock.now() + PART_MS; ; ) {
		try {
			return await call();
		} catch (error) {
			if (!isRefusal(error, "NOT_FOUND") || clock.now() >= endMs) throw error;
			await sleep(clock, LOOK_EVERY_MS);
		}
	}
}

/** Makes a call again that got no answer: each of them may be repeated. */
async function insisting<T>(clock: Clock, call: () => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await call();
		} catch (error) {
			if (!isRefusal(error, "UNAVAILABLE") || tries === TRIES) throw error;
			await sleep(clock, RETRY_MS);
		}
	}
}

function sleep(clock: Clock, ms: number): Promise<void> {
	return new Promise((resolve) => {
		clock.after(ms, resolve);
	});
}

function bytesOf(id: string): Uint8Array<ArrayBuffer> {
	const bytes = fromHex(id);
	if (bytes?.length !== ID_BYTES) throw new Refusal("MALFORMED", "an archive's id has 16 bytes");
	return bytes;
}
