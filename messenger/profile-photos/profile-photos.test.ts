/** A picture that the server keeps and never sees: one per account, gone when it is replaced, removed, or its account ends. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { policyKeyOf } from "@troth/bridge";
import {
	AccountService,
	BlobService,
	LABELS,
	LIMITS,
	NumberCertificateSchema,
	ProfileService,
	toHex,
	verifySigned,
} from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger } from "../_fixture.ts";
import { keepPhoto, sweepPhotos } from "./keeping.ts";

const newPhoto = (bytes = 5000) => ({ photoId: randomBytes(32), ciphertext: randomBytes(bytes) });

for (const stores of ["memory", "sqlite"] as const)
	test(`one picture per account, for whoever knows its id, and nothing left of the one before (${stores})`, async () => {
		await using messenger = await startTestMessenger({ stores });
		const [alice, bob] = [
			await registerAccount(messenger, "+15550100001"),
			await registerAccount(messenger, "+15550100002"),
		];
		const [hers, his] = [alice.client(ProfileService), bob.client(ProfileService)];
		const first = newPhoto();
		await hers.putProfilePhoto(first);
		await hers.putProfilePhoto(first);
		assert.deepEqual(Buffer.from((await his.getProfilePhoto(first)).ciphertext), first.ciphertext);
		const second = newPhoto();
		await hers.putProfilePhoto(second);
		assert.equal((await refusalOf(his.getProfilePhoto(first))).code, "NOT_FOUND");
		if (stores === "sqlite") {
			await messenger.restart(async ({ records }) => {
				const rows = await records.selectFrom("profile_photo").select(["photo_id", "state"]).execute();
				assert.deepEqual(rows, [{ photo_id: toHex(second.photoId), state: "current" }]);
			});
		}
		assert.deepEqual(Buffer.from((await his.getProfilePhoto(second)).ciphertext), second.ciphertext);
		await hers.deleteProfilePhoto({});
		await hers.deleteProfilePhoto({});
		assert.equal((await refusalOf(his.getProfilePhoto(second))).code, "NOT_FOUND");
		assert.equal((await refusalOf(messenger.client(ProfileService).getProfilePhoto(second))).code, "UNAUTHENTICATED");
	});

test("an id is used once, by one account; its size is bounded, and so is how often", async () => {
	await using messenger = await startTestMessenger();
	const [alice, mallory] = [
		await registerAccount(messenger, "+15550100001"),
		await registerAccount(messenger, "+15550100009"),
	];
	const photo = newPhoto();
	await alice.client(ProfileService).putProfilePhoto(photo);
	const service = mallory.client(ProfileService);
	assert.equal((await refusalOf(service.putProfilePhoto(photo))).code, "MALFORMED");
	assert.equal((await refusalOf(service.putProfilePhoto({ ...newPhoto(), photoId: photo.photoId }))).code, "MALFORMED");
	assert.equal(
		(await refusalOf(service.putProfilePhoto({ ...newPhoto(), photoId: randomBytes(31) }))).code,
		"MALFORMED",
	);
	const large = await refusalOf(service.putProfilePhoto(newPhoto(LIMITS.profilePhotoCiphertextBytes + 1)));
	assert.deepEqual([large.code, large.fields.limitBytes], ["TOO_LARGE", LIMITS.profilePhotoCiphertextBytes]);
	await service.putProfilePhoto(newPhoto(LIMITS.profilePhotoCiphertextBytes));
	let refused = "";
	for (let n = 0; n <= LIMITS.profilePhotosPerHour && refused === ""; n++)
		refused = await service.putProfilePhoto(newPhoto(1)).then(
			() => "",
			() => "RATE_LIMITED",
		);
	assert.equal(refused, "RATE_LIMITED");
	// Putting what lies under a hash already, and taking it away, would take it from somebody else.
	const hash = createHash("sha256").update(photo.ciphertext).digest();
	assert.equal((await refusalOf(mallory.client(BlobService).getBlob({ sha256: hash }))).code, "NOT_FOUND");
});

test("what a crash left half put is swept away, and nothing else", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const photo = newPhoto();
	await alice.client(ProfileService).putProfilePhoto(photo);
	const half = newPhoto();
	const hour = 60 * 60 * 1000;
	await messenger.restart(async ({ records, blobs }) => {
		const failing = {
			records,
			blobs: { ...blobs, put: () => Promise.reject(new Error("power cut")) } as unknown as typeof blobs,
		};
		const now = messenger.clock.now();
		const kept = { account: alice.account, photo: toHex(half.photoId), ciphertext: half.ciphertext };
		await assert.rejects(keepPhoto(failing, kept, now), /power cut/);
		const states = async () =>
			(
				await records
					.selectFrom("profile_photo")
					.select("state")
					.orderBy("put_at_ms")
					.orderBy("state", "desc")
					.execute()
			).map(({ state }) => state);
		await sweepPhotos({ records, blobs }, now + hour - 1);
		assert.deepEqual(await states(), ["current", "arriving"]);
		await sweepPhotos({ records, blobs }, now + hour);
		assert.deepEqual(await states(), ["current"]);
	});
	await alice.client(ProfileService).getProfilePhoto(photo);
});

test("the server's word for a number is signed by the key that people pin, and names the account", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, "+15550100001");
	const { certificate } = await alice.client(ProfileService).certifyNumber({});
	assert.ok(certificate !== undefined);
	await messenger.restart(async ({ secrets }) => {
		const { publicKey } = policyKeyOf(secrets.policySeed);
		assert.ok(verifySigned(publicKey, LABELS.numberCertificate, certificate));
	});
	const { accountId, phone } = fromBinary(NumberCertificateSchema, certificate.statement);
	assert.deepEqual([toHex(accountId), phone], [alice.account, "+15550100001"]);
	assert.equal((await alice.client(AccountService).getOwnAccount({})).phone, phone);
});
