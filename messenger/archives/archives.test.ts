/** Alice's archive on its way from her phone to her laptop: whole, hers alone, and gone afterwards. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { ArchiveService, BlobService, LIMITS } from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestAccount } from "../_fixture.ts";
import { HOUSEKEEPING_EVERY_MS } from "../records/housekeeping.ts";
import { toBlob } from "./archive-blob.ts";

const ALICE = "+15550100001";
const BOB = "+15550100002";

async function put(of: TestAccount, archiveId: Uint8Array, parts: readonly Uint8Array[]): Promise<void> {
	const client = of.client(ArchiveService);
	for (const [part, data] of parts.entries())
		await client.putArchivePart({ archiveId, part, data, last: part === parts.length - 1 });
}

const codeOf = async (call: Promise<unknown>) => (await refusalOf(call)).code;

test("what alice's phone left is there after a restart, for her alone, until she has taken it", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const [alice, bob] = [await registerAccount(messenger, ALICE), await registerAccount(messenger, BOB)];
	const archiveId = randomBytes(16);
	const parts = [randomBytes(90), randomBytes(300_000), randomBytes(1)];
	await put(alice, archiveId, parts);
	await put(alice, archiveId, parts);
	await messenger.restart();
	const hers = messenger.client(ArchiveService, await alice.login());
	const his = messenger.client(ArchiveService, await bob.login());
	const [state] = (await hers.listArchives({})).archives;
	assert.deepEqual([state?.parts, state?.bytes, state?.complete], [3, 300_091n, true]);
	for (const [part, data] of parts.entries()) {
		const answer = await hers.getArchivePart({ archiveId, part });
		assert.equal(Buffer.compare(answer.data, data), 0);
		assert.equal(answer.last, part === 2);
		assert.equal(await codeOf(his.getArchivePart({ archiveId, part })), "NOT_FOUND");
	}
	await his.deleteArchive({ archiveId });
	assert.deepEqual((await his.listArchives({})).archives, []);
	assert.equal((await hers.listArchives({})).archives.length, 1, "bob deletes nothing of hers");
	const blobs = parts.map((data, part) =>
		toBlob({ account: alice.account, archive: archiveId.toString("hex"), part }, data),
	);
	await hers.deleteArchive({ archiveId });
	await hers.deleteArchive({ archiveId });
	assert.equal(await codeOf(hers.getArchivePart({ archiveId, part: 0 })), "NOT_FOUND");
	await messenger.restart(async (stores) => {
		for (const { blob } of blobs) assert.equal(await stores.blobs.get(blob), undefined);
		assert.deepEqual(await stores.records.selectFrom("archive_part").selectAll().execute(), []);
	});
});

test("a part has one place and one content, and nothing follows the last one", async () => {
	await using messenger = await startTestMessenger();
	const alice = (await registerAccount(messenger, ALICE)).client(ArchiveService);
	const archiveId = randomBytes(16);
	const data = randomBytes(10);
	await alice.putArchivePart({ archiveId, part: 1, data });
	await alice.putArchivePart({ archiveId, part: 1, data });
	const wrong = [
		{ archiveId, part: 1, data: randomBytes(10) },
		{ archiveId, part: 0, data, last: true },
		{ archiveId, part: 0, data: new Uint8Array() },
		{ archiveId: randomBytes(15), part: 0, data },
	];
	for (const request of wrong) assert.equal(await codeOf(alice.putArchivePart(request)), "MALFORMED");
	await alice.putArchivePart({ archiveId, part: 2, data, last: true });
	for (const request of [
		{ archiveId, part: 3, data },
		{ archiveId, part: 2, data },
		{ archiveId, part: 1, data, last: true },
	])
		assert.equal(await codeOf(alice.putArchivePart(request)), "MALFORMED");
	assert.equal((await alice.listArchives({})).archives[0]?.complete, false, "part 0 has not come");
	const large = await refusalOf(
		alice.putArchivePart({ archiveId, part: 0, data: randomBytes(LIMITS.archivePartBytes + 1) }),
	);
	assert.deepEqual([large.code, large.fields.limitBytes], ["TOO_LARGE", LIMITS.archivePartBytes]);
	assert.equal(
		await codeOf(alice.putArchivePart({ archiveId, part: LIMITS.archiveParts, data })),
		"TOO_LARGE",
		"so many parts no archive has",
	);
	for (let others = 1; others < LIMITS.archivesPerAccount; others++)
		await alice.putArchivePart({ archiveId: randomBytes(16), part: 0, data });
	assert.equal(await codeOf(alice.putArchivePart({ archiveId: randomBytes(16), part: 0, data })), "TOO_LARGE");
});

test("an account's quota counts everything that waits, and says what it is", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, ALICE);
	const archiveId = randomBytes(16);
	await put(alice, archiveId, [randomBytes(100)]);
	await messenger.restart(async ({ records }) => {
		const nearly = { bytes: LIMITS.archiveBytes - 1000 };
		await records.updateTable("archive_part").set(nearly).execute();
	});
	const again = messenger.client(ArchiveService, await alice.login());
	const other = { archiveId: randomBytes(16), part: 0 };
	const refusal = await refusalOf(again.putArchivePart({ ...other, data: randomBytes(1001) }));
	assert.deepEqual([refusal.code, refusal.fields.limitBytes], ["TOO_LARGE", LIMITS.archiveBytes]);
	await again.putArchivePart({ ...other, data: randomBytes(1000) });
	await again.deleteArchive({ archiveId });
	await again.putArchivePart({ ...other, part: 1, data: randomBytes(2000) });
});

test("nobody took it for a week, or somebody else has the number now: nothing of it is left", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const { clock } = messenger;
	const [alice, bob] = [await registerAccount(messenger, ALICE), await registerAccount(messenger, BOB)];
	const [hers, his] = [randomBytes(16), randomBytes(16)];
	await put(alice, hers, [randomBytes(20)]);
	await put(bob, his, [randomBytes(20)]);
	await registerAccount(messenger, BOB);
	clock.advance(LIMITS.archiveMs - HOUSEKEEPING_EVERY_MS);
	const left = async () => {
		const archives: Uint8Array[] = [];
		await messenger.restart(async ({ records }) => {
			const rows = await records.selectFrom("archive_part").select("archive_id").execute();
			archives.push(...rows.map(({ archive_id }) => Buffer.from(archive_id, "hex")));
		});
		return archives;
	};
	assert.deepEqual(await left(), [hers]);
	const client = messenger.client(ArchiveService, await alice.login());
	await client.getArchivePart({ archiveId: hers, part: 0 });
	clock.advance(HOUSEKEEPING_EVERY_MS);
	const late = messenger.client(ArchiveService, await alice.login());
	assert.equal(await codeOf(late.getArchivePart({ archiveId: hers, part: 0 })), "NOT_FOUND");
	clock.advance(HOUSEKEEPING_EVERY_MS);
	assert.deepEqual(await left(), []);
});

test("an archive can not take a conversation's blob away, nor can a stranger put one", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, ALICE);
	const tree = randomBytes(5000);
	let id = "";
	await messenger.restart(async ({ blobs }) => {
		id = await blobs.put(tree);
	});
	const client = messenger.client(ArchiveService, await alice.login());
	const archiveId = randomBytes(16);
	await client.putArchivePart({ archiveId, part: 0, data: tree, last: true });
	await client.deleteArchive({ archiveId });
	const { data } = await messenger.client(BlobService, await alice.login()).getBlob({ sha256: Buffer.from(id, "hex") });
	assert.equal(Buffer.compare(data, tree), 0);
	const stranger = messenger.client(ArchiveService);
	assert.equal(await codeOf(stranger.putArchivePart({ archiveId, part: 0, data: tree })), "UNAUTHENTICATED");
});
