import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { type BlobId, BlobService, idBytes } from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger } from "../_fixture.ts";

test("alice gets the bytes whose hash she knows; strangers get nothing", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const tree = randomBytes(300_000);
	let id = "" as BlobId;
	await messenger.restart(async ({ blobs }) => {
		id = await blobs.put(tree);
	});
	const { data } = await alice.client(BlobService).getBlob({ sha256: idBytes(id) });
	assert.equal(Buffer.compare(data, tree), 0);
	const codeOf = async (sha256: Uint8Array) => (await refusalOf(alice.client(BlobService).getBlob({ sha256 }))).code;
	assert.equal(await codeOf(randomBytes(32)), "NOT_FOUND");
	assert.equal(await codeOf(randomBytes(31)), "MALFORMED");
	assert.equal(await codeOf(new Uint8Array()), "MALFORMED");
	const stranger = messenger.client(BlobService).getBlob({ sha256: idBytes(id) });
	assert.equal((await refusalOf(stranger)).code, "UNAUTHENTICATED");
});
