/** Where devices meet to be linked, what own devices tell each other, and devices that stay away. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import {
	AccountService,
	DeviceIdlePayloadSchema,
	EntryKind,
	LIMITS,
	LinkingService,
	MailboxPlace,
	OwnDevicesPayloadSchema,
	toHex,
} from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { logIn, refusalOf, registerAccount, startTestMessenger, type TestMessenger } from "../_fixture.ts";
import { newDevice, signDeviceList, type TestDevice } from "../_identities.ts";
import { TestClient } from "../delivery/_client.ts";
import { IDLE_DEVICES_EVERY_MS } from "./idle-devices.ts";
import { Mailboxes } from "./mailboxes.ts";

const DAY_MS = 24 * 3600 * 1000;
const letter = () => new Uint8Array(randomBytes(60));
const id = () => new Uint8Array(randomBytes(16));

test("two devices exchange letters; each place takes one, for ten minutes", async () => {
	await using messenger = await startTestMessenger();
	const linking = messenger.client(LinkingService);
	const mailbox = id();
	const [offer, acceptance] = [letter(), letter()];
	const { expiresAtMs } = await linking.openMailbox({ mailbox, offer });
	assert.equal(Number(expiresAtMs), messenger.clock.now() + LIMITS.mailboxMs);
	assert.equal((await linking.openMailbox({ mailbox, offer })).expiresAtMs, expiresAtMs, "a repeat");
	assert.equal((await refusalOf(linking.openMailbox({ mailbox, offer: letter() }))).code, "FORBIDDEN");

	const waiting = linking.takeLetter({ mailbox, place: MailboxPlace.ACCEPTANCE, waitMs: 20_000 });
	const taken = await linking.takeLetter({ mailbox, place: MailboxPlace.OFFER });
	assert.deepEqual(taken.letter, offer);
	await linking.putLetter({ mailbox, place: MailboxPlace.ACCEPTANCE, letter: acceptance });
	assert.deepEqual((await waiting).letter, acceptance, "who waits gets it at once");
	await linking.putLetter({ mailbox, place: MailboxPlace.ACCEPTANCE, letter: acceptance });
	const second = linking.putLetter({ mailbox, place: MailboxPlace.ACCEPTANCE, letter: letter() });
	assert.equal((await refusalOf(second)).code, "FORBIDDEN", "somebody else used the same code");

	const nothing = await linking.takeLetter({ mailbox, place: MailboxPlace.BUNDLE });
	assert.equal(nothing.letter.length, 0);
	messenger.clock.advance(LIMITS.mailboxMs);
	for (const place of [MailboxPlace.OFFER, MailboxPlace.BUNDLE])
		assert.equal((await refusalOf(linking.takeLetter({ mailbox, place }))).code, "NOT_FOUND");
	assert.equal((await refusalOf(linking.putLetter({ mailbox, place: 3, letter: letter() }))).code, "NOT_FOUND");
});

test("mailboxes are closed, bounded, and opened at a limited rate", async () => {
	await using messenger = await startTestMessenger();
	const linking = messenger.client(LinkingService);
	const mailbox = id();
	await linking.openMailbox({ mailbox, offer: letter() });
	await linking.closeMailbox({ mailbox });
	assert.equal((await refusalOf(linking.takeLetter({ mailbox, place: 1 }))).code, "NOT_FOUND");
	for (const [request, code] of [
		[{ mailbox: id().subarray(1), offer: letter() }, "MALFORMED"],
		[{ mailbox: id(), offer: new Uint8Array(5) }, "MALFORMED"],
		[{ mailbox: id(), offer: new Uint8Array(LIMITS.letterBytes + 1) }, "TOO_LARGE"],
	] as const)
		assert.equal((await refusalOf(linking.openMailbox(request))).code, code);
	assert.equal((await refusalOf(linking.takeLetter({ mailbox, place: 5 as MailboxPlace }))).code, "MALFORMED");
	for (let opened = 1; opened < LIMITS.mailboxesPerAddressPerHour; opened++)
		await linking.openMailbox({ mailbox: id(), offer: letter() });
	assert.equal((await refusalOf(linking.openMailbox({ mailbox: id(), offer: letter() }))).code, "RATE_LIMITED");
});

test("all mailboxes together hold no more than they may, and give it back", async () => {
	const clock = new ManualClock();
	using mailboxes = new Mailboxes(clock);
	const large = new Uint8Array(16 * 1024 * 1024);
	for (let i = 0; i < 4; i++) mailboxes.open(`${i}`, MailboxPlace.OFFER, large, `10.0.0.${i}`);
	assert.throws(() => mailboxes.open("more", MailboxPlace.OFFER, letter(), "10.0.1.1"), { code: "UNAVAILABLE" });
	assert.throws(() => void mailboxes.take("more", MailboxPlace.OFFER, 0), { code: "NOT_FOUND" });
	const late = mailboxes.take("1", MailboxPlace.BUNDLE, LIMITS.mailboxMs + 1);
	clock.advance(LIMITS.mailboxMs);
	assert.equal(await late, undefined, "it ended meanwhile");
	mailboxes.open("more", MailboxPlace.OFFER, large, "10.0.1.1");
	const waiting = mailboxes.take("more", MailboxPlace.BUNDLE, 1000);
	mailboxes[Symbol.dispose]();
	assert.equal(await waiting, undefined, "nobody is left waiting");
});

/** Alice with a second device that the server knows. */
async function withLaptop(messenger: TestMessenger, phone: string) {
	const alice = await registerAccount(messenger, phone);
	const laptop = newDevice();
	const accounts = alice.client(AccountService);
	const deviceList = signDeviceList(alice.identity, alice.account, 2, [alice, laptop], messenger.clock.now());
	await accounts.publishDeviceList({ deviceList });
	return { alice, laptop };
}

test("what a device tells the others of its account lies in their logs, and in nobody else's", async () => {
	await using messenger = await startTestMessenger();
	const { alice, laptop } = await withLaptop(messenger, "+15550100001");
	const sealed = letter();
	await alice.client(LinkingService).tellOwnDevices({ sealed });
	const there = await TestClient.attach(messenger.url, laptop);
	const [, entry] = await there.entriesOf(laptop.device, 2);
	assert.equal(entry?.kind, EntryKind.OWN_DEVICES, "after the list that lists it");
	const payload = fromBinary(OwnDevicesPayloadSchema, entry.payload);
	assert.deepEqual([toHex(payload.senderDevice), payload.sealed], [alice.device, sealed]);
	const here = await TestClient.attach(messenger.url, alice);
	await here.next("queueEmpty");
	assert.ok(here.entries.every(({ kind }) => kind !== EntryKind.OWN_DEVICES));
	for (const client of [there, here]) await client.end();
	const linking = alice.client(LinkingService);
	assert.equal((await refusalOf(linking.tellOwnDevices({}))).code, "MALFORMED");
	const long = new Uint8Array(LIMITS.ownDevicesBytes + 1);
	assert.equal((await refusalOf(linking.tellOwnDevices({ sealed: long }))).code, "TOO_LARGE");
	assert.equal((await refusalOf(messenger.client(LinkingService).tellOwnDevices({ sealed }))).code, "UNAUTHENTICATED");
});

/** Time passes; what was to be done then is done when it resolves. */
async function pass(messenger: TestMessenger, days: number): Promise<void> {
	messenger.clock.sleep(days * DAY_MS);
	messenger.clock.advance(IDLE_DEVICES_EVERY_MS);
	for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

/** What the device's own log says of devices that stay away. */
async function idleNotes(messenger: TestMessenger, device: TestDevice) {
	const client = await TestClient.attach(messenger.url, device);
	await client.next("queueEmpty");
	await client.end();
	return client.entries
		.filter(({ kind }) => kind === EntryKind.DEVICE_IDLE)
		.map(({ payload }) => fromBinary(DeviceIdlePayloadSchema, payload))
		.map(({ deviceId, unlinksAtMs, unlinked }) => ({ device: toHex(deviceId), atMs: Number(unlinksAtMs), unlinked }));
}

async function attend(messenger: TestMessenger, device: TestDevice): Promise<void> {
	const client = await TestClient.attach(messenger.url, device);
	await client.end();
}

test("a laptop that stays away is warned of after 20 days and unlinked after 30; coming back in between saves it", async () => {
	await using messenger = await startTestMessenger();
	const { alice, laptop } = await withLaptop(messenger, "+15550100001");
	await attend(messenger, laptop);
	const left = messenger.clock.now();
	await pass(messenger, 19);
	await attend(messenger, alice);
	assert.deepEqual(await idleNotes(messenger, alice), []);
	await pass(messenger, 2);
	const unlinksAt = left + LIMITS.deviceIdleMs;
	const warning = { device: laptop.device, atMs: unlinksAt, unlinked: false };
	assert.deepEqual(await idleNotes(messenger, alice), [warning]);
	await pass(messenger, 1);
	assert.deepEqual(await idleNotes(messenger, alice), [], "said once");
	const known = async () => {
		const answer = await messenger.client(AccountService, await alice.login()).getOwnAccount({});
		return answer.devices.map(({ deviceId, unlinksAtMs }) => [toHex(deviceId), Number(unlinksAtMs)]);
	};
	assert.deepEqual(await known(), [
		[alice.device, 0],
		[laptop.device, unlinksAt],
	]);
	assert.deepEqual(await idleNotes(messenger, laptop), [warning], "it is told itself, and is saved");
	await pass(messenger, 11);
	await attend(messenger, alice);
	assert.equal((await known()).length, 2);

	await pass(messenger, 20);
	const notes = await idleNotes(messenger, alice);
	assert.equal(notes.at(-1)?.unlinked, true);
	assert.deepEqual(await known(), [[alice.device, 0]]);
	assert.equal((await refusalOf(logIn(messenger, laptop))).code, "DEVICE_UNLINKED");
	const tries = await TestClient.hello(messenger.url, laptop);
	assert.equal((await tries.next("error")).code, 43);
	assert.equal(await tries.closed, 4410);
});

test("an account whose devices all stay away keeps them until one of them is there again", async () => {
	await using messenger = await startTestMessenger();
	const { alice, laptop } = await withLaptop(messenger, "+15550100001");
	const bob = await registerAccount(messenger, "+15550100002");
	await pass(messenger, 60);
	for (const device of [alice, laptop, bob]) await logIn(messenger, device);
	await attend(messenger, alice);
	await pass(messenger, 1);
	assert.equal((await refusalOf(logIn(messenger, laptop))).code, "DEVICE_UNLINKED", "now that she is there again");
	await logIn(messenger, alice);
});
