/** Pictures go along with the history: to another device, and past one that knows better. Archives of before still open. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { AccountId } from "@troth/protocol";
import { ArchiveLock } from "@troth/protocol";
import { keepPicture, readKeptPicture } from "../profile/kept-picture.ts";
import { KEYS } from "../state/keys.ts";
import type { PhotoRecord } from "../state/records.ts";
import {
	addConversation,
	addPerson,
	collect,
	each,
	newAccount,
	newDevice,
	random,
	rowsOf,
	type TestDevice,
} from "./_history.ts";
import { fromFile } from "./archive-file.ts";
import { newHeader, PartCipher, sealHead } from "./cipher.ts";
import { makeArchive } from "./make-archive.ts";
import { picturesOf } from "./pictures.ts";
import { takeArchive } from "./take-archive.ts";

const SECRET = random(32);
const SHOWN = { photo: "contacts", number: "nobody", photoChangedAtMs: 9, numberChangedAtMs: 0 } as const;

/** A JPEG as far as its form goes, so many bytes long. */
function jpeg(length: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length).fill(7);
	bytes.set([0xff, 0xd8, 0xff, 0xda, 0, 3, 0]);
	return bytes;
}

const photoOf = (n: number): PhotoRecord => ({
	id: n.toString(16).padStart(2, "0").repeat(32),
	key: "ab".repeat(32),
});

/** This person shows the picture `n`, which the device has, or has only heard of. */
async function shows(device: TestDevice, account: AccountId, n: number, bytes?: Uint8Array): Promise<void> {
	const photo = photoOf(n);
	await device.state.transact(async (draft) => {
		const known = await draft.read(KEYS.account(account));
		if (known !== undefined) draft.write(KEYS.account(account), { ...known, photo, photoChangedAtMs: n });
		if (bytes !== undefined) keepPicture(draft, account, photo.id, bytes);
	});
}

async function alicesPhone() {
	const phone = await newDevice();
	const { account } = phone.profile();
	await phone.changeProfile({ photo: photoOf(1), shown: SHOWN });
	await phone.state.transact(async (draft) => keepPicture(draft, account, photoOf(1).id, jpeg(900)));
	return { phone, account };
}

const lengthOf = async ({ state }: TestDevice, account: AccountId, n: number) =>
	(await readKeptPicture(state, account, photoOf(n).id))?.length;

test("alice's laptop has her picture and those of others; what it knows later stays, and what is none is left out", async () => {
	const { phone, account } = await alicesPhone();
	const [bob, carla, dora, eve] = [
		await addPerson(phone, "Bob"),
		await addPerson(phone, "Carla"),
		await addPerson(phone, "Dora"),
		await addPerson(phone, "Eve"),
	];
	await shows(phone, bob, 2, jpeg(500));
	await shows(phone, carla, 3, jpeg(600));
	await shows(phone, dora, 4);
	await shows(phone, eve, 5, new TextEncoder().encode("<svg/>"));
	const chat = await addConversation(phone, bob, 2);
	const laptop = await newDevice({ account });
	await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	const { photo, shown } = laptop.profile();
	assert.deepEqual([photo, shown], [photoOf(1), SHOWN]);
	assert.deepEqual(
		[await lengthOf(laptop, account, 1), await lengthOf(laptop, bob, 2), await lengthOf(laptop, carla, 3)],
		[900, 500, 600],
	);
	for (const [person, n] of [
		[dora, 4],
		[eve, 5],
	] as const) {
		assert.deepEqual(laptop.state.kept(KEYS.account(person))?.photo, photoOf(n), "where to fetch it is known");
		assert.equal(await laptop.state.readBytes(KEYS.picture(person)), undefined);
	}
	assert.ok(laptop.told.filter((id) => id === chat).length > 0);
	// The laptop heard of another one of carla's, and alice took hers away on it.
	await shows(laptop, carla, 8, jpeg(100));
	await laptop.changeProfile({ photo: undefined, shown: { ...SHOWN, photoChangedAtMs: 20 } });
	await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	assert.deepEqual(laptop.state.kept(KEYS.account(carla))?.photo, photoOf(8));
	assert.equal(await lengthOf(laptop, carla, 8), 100);
	assert.equal(laptop.profile().photo, undefined);
});

test("the picture that alice shows nobody goes along as well; another account has it and shows it to nobody by itself", async () => {
	const { phone, account } = await alicesPhone();
	await phone.changeProfile({ photo: undefined, shown: { ...SHOWN, photo: "nobody" } });
	await phone.state.transact(async (draft) => keepPicture(draft, account, undefined, jpeg(700)));
	const laptop = await newDevice({ account });
	await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	assert.equal((await readKeptPicture(laptop.state, account, undefined))?.length, 700);
	assert.deepEqual([laptop.profile().photo, laptop.profile().shown?.photo], [undefined, "nobody"]);
	const anew = await newDevice({ account: newAccount() });
	const taken = await takeArchive(anew, SECRET, makeArchive((await alicesPhone()).phone, SECRET));
	assert.deepEqual([taken.done, taken.picture?.audience], [false, "contacts"], "the server is told first");
	assert.equal((await readKeptPicture(anew.state, anew.profile().account, undefined))?.length, 900);
	assert.deepEqual([anew.profile().photo, anew.profile().shown], [undefined, undefined]);
	const decided = await newDevice({ account: newAccount() });
	await decided.changeProfile({ shown: { ...SHOWN, photoChangedAtMs: 1 } });
	const { done } = await takeArchive(decided, SECRET, makeArchive((await alicesPhone()).phone, SECRET));
	assert.equal(done, true, "who has decided since is not asked");
	assert.equal(await decided.state.readBytes(KEYS.picture(decided.profile().account)), undefined);
});

test("there is room for so much: the owner's own first, then of those who were written with last", async () => {
	const { phone } = await alicesPhone();
	for (const n of [2, 3, 4, 5]) {
		const person = await addPerson(phone, `No. ${n}`);
		await shows(phone, person, n, jpeg(n === 5 ? 100 : 400));
		// The later ones are written with later; the last one never was.
		if (n < 5) await addConversation(phone, person, 1, 1_600_000_000_000 + n);
	}
	const lengths: (number | undefined)[] = [];
	for await (const { picture, key } of picturesOf(phone, 1000)) {
		assert.equal(key?.length, 32);
		lengths.push(picture?.length);
	}
	assert.deepEqual(lengths, [900, 400, 400, 0, 0]);
	for await (const { picture } of picturesOf(phone)) assert.notEqual(picture?.length, 0, "usually there is room");
});

/** Made by the version that knew no pictures, of bob's two texts, under 32 bytes of 7. */
const OF_BEFORE = `
VFJPVEhBUkMAJggBEiD1VnER91sTsk2Col3yLfQcdUeiDB82UT2c67deYGlKHxgB0hSKnrdRPlfw1cNMTHsiTVl4co6A9cdKQUDWxXRrbmdiHSnP0iR08A
AAAb4B27Vjpkfh5rNtE6VKETl8GVuiTS9cTacrJ3opUfm8img6JAM+mgQRj29x1yzjrIid32QOG7sGuz37i9IukHmIcVtpvXL1dKht/ZqvOw+laVm/ufIJ
X6N1uCAIYn+/Fq5IrgV5NZKRctRVP/gAjlzaDLhmHihyUOP4nqhh84ABGebtkRPBHAGcFj6QDKmT2G9v5ek9+9kznwf97jIj2s5jurHgTW/TsD4In6spC/
mmlB/xcu8GrfPZamAhtdsryzYEarYmtRPAYcBPzKHy8xq7JCVrFvKyavWN2lefdo3GZHZVHBb6+490gVv7ewYnUh49bXNuhrl+gX9ZMZRZ/mdmRfIK1TQw
sTyo2MGLEHK3DFHAPp84Ejv6+Ir8n4nwL68RGytTSZXsRBgg23RIBPoOiD1lUMio2v6BVVlvb4ntmnH3l1jvS/QDdQZOMlaghWlG60TYZGBSbFK5marJoT
T7foRygj1ylPwcqox9BzbWs8FbBlEVwuPdfF3UvE+T+w2TlkQk79u3kANG5Mw6bGCnG3uMAYd1n4Ky+S1qY0sBEl9ykqI3wH7qV6XSpZ94EYArnWcG9yBw
i/UzP9v0eQ==`;

test("an archive of the version before still opens, and what a later one adds is passed over", async () => {
	const secret = new Uint8Array(32).fill(7);
	const laptop = await newDevice({ account: "a1".repeat(16) as AccountId });
	const file = Uint8Array.from(Buffer.from(OF_BEFORE, "base64"));
	const taken = await takeArchive(laptop, secret, fromFile(each([file])));
	assert.deepEqual([taken.done, taken.people, taken.conversations, taken.messages], [true, 1, 1, 2]);
	const [chat] = laptop.told;
	assert.ok(chat !== undefined);
	assert.deepEqual(
		(await rowsOf(laptop, chat)).map(({ body }) => body.kind === "text" && body.text),
		["no. 1", "no. 2"],
	);
	// As a version to come would write it: a record that this one does not know, before all others.
	const header = newHeader(random, { lock: ArchiveLock.SECRET, iterations: 0 });
	const head = sealHead(SECRET, header);
	const cipher = await PartCipher.open(SECRET, head);
	const unknown = new BinaryWriter()
		.tag(99, WireType.LengthDelimited)
		.bytes(new Uint8Array([8, 1]))
		.finish();
	const news = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(unknown).finish();
	const { phone, account } = await alicesPhone();
	await addConversation(phone, await addPerson(phone, "Bob"), 3);
	const [theirs, ...parts] = await collect(makeArchive(phone, SECRET));
	assert.ok(theirs !== undefined);
	const opened = await PartCipher.open(SECRET, theirs);
	const plain = await Promise.all(parts.map((part, number) => opened.open(part, number)));
	const sealed = [head, await cipher.seal(news, 0, false)];
	for (const [number, { plaintext, last }] of plain.entries())
		sealed.push(await cipher.seal(plaintext, number + 1, last));
	const tablet = await newDevice({ account });
	assert.equal((await takeArchive(tablet, SECRET, each(sealed))).messages, 3);
});
