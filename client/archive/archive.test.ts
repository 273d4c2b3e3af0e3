/** A history as an archive, and back: whole, in order, once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KEYS } from "../state/keys.ts";
import { MemoryStore } from "../store/memory.ts";
import {
	addConversation,
	addPerson,
	addRow,
	collect,
	each,
	newAccount,
	newDevice,
	random,
	rowsOf,
	shown,
	type TestDevice,
} from "./_history.ts";
import { makeArchive } from "./make-archive.ts";
import { takeArchive } from "./take-archive.ts";

const SECRET = random(32);

async function alicesPhone(): Promise<TestDevice> {
	const alice = await newDevice();
	await alice.changeProfile({ settings: { readReceipts: false, typingIndicators: true } });
	return alice;
}

test("what alice has on one device is on the other one, row by row", async () => {
	const phone = await alicesPhone();
	const bob = await addPerson(phone, "Bob");
	const carla = await addPerson(phone, "Carla");
	const chat = await addConversation(phone, bob, 150);
	await addRow(phone, chat, { body: { kind: "gap", reason: "expired", count: 3 } });
	await addRow(phone, chat, { body: { kind: "forked" } });
	await addRow(phone, chat, { seq: 160, sender: bob, body: { kind: "unreadable", code: "Malformed" } });
	await addRow(phone, chat, { seq: 161, sender: bob, body: { kind: "added", who: [carla] } });
	await addRow(phone, chat, { seq: 161, sender: bob, body: { kind: "removed", who: [bob] } });
	const older = await addConversation(phone, carla, 3, 1_600_000_000_000);
	const laptop = await newDevice({ account: phone.profile().account });
	const taken = await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	assert.deepEqual([taken.done, taken.people, taken.conversations, taken.messages], [true, 2, 2, 153]);
	for (const id of [chat, older])
		assert.deepEqual((await rowsOf(laptop, id)).map(shown), (await rowsOf(phone, id)).map(shown));
	assert.equal(laptop.state.kept(KEYS.account(bob))?.name, "Bob");
	assert.equal(laptop.state.kept(KEYS.account(bob))?.identityKey, phone.state.kept(KEYS.account(bob))?.identityKey);
	assert.equal(laptop.profile().settings.readReceipts, false);
	const [record, original] = [laptop.state.kept(KEYS.conversation(chat)), phone.state.kept(KEYS.conversation(chat))];
	assert.deepEqual([record?.state, record?.imported, record?.peer], ["ended", true, bob], "only its history is here");
	assert.deepEqual([record?.activityMs, record?.readSeq], [original?.activityMs, original?.readSeq]);
	assert.equal(record?.lastKey, (await rowsOf(laptop, chat)).at(-1)?.key);
	assert.ok(laptop.told.includes(chat) && laptop.told.includes(older));
});

test("the address book goes along, and to another device of alice's also her contact link", async () => {
	const phone = await alicesPhone();
	const bob = await addPerson(phone, "Bob");
	const uncle = { phone: "+15550100002", name: "Uncle Bob", shown: true, addedAtMs: 3, account: bob, checkedAtMs: 4 };
	const zoe = {
		...uncle,
		phone: "+15550100003",
		name: "Zoe",
		shown: false,
		account: undefined,
		checkedAtMs: undefined,
	};
	await phone.state.transact(async (draft) => {
		for (const contact of [uncle, zoe]) draft.write(KEYS.contact(contact.phone), contact);
		draft.write(KEYS.finding, { link: { token: "ab".repeat(16), madeAtMs: 5 }, toldContacts: [bob] });
	});
	const laptop = await newDevice({ account: phone.profile().account });
	await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	for (const contact of [uncle, zoe]) assert.deepEqual(laptop.state.kept(KEYS.contact(contact.phone)), contact);
	const link = { token: "ab".repeat(16), madeAtMs: 5 };
	assert.deepEqual(await laptop.state.read(KEYS.finding), { link });
	const anew = await newDevice();
	await takeArchive(anew, SECRET, makeArchive(phone, SECRET));
	assert.equal(anew.state.kept(KEYS.contact(zoe.phone))?.name, "Zoe");
	assert.equal(await anew.state.read(KEYS.finding), undefined, "it leads to the account that made it");
});

test("taken twice, from two archives or through another device, every row is there once", async () => {
	const phone = await alicesPhone();
	const { account } = phone.profile();
	const chat = await addConversation(phone, await addPerson(phone, "Bob"), 80);
	await addRow(phone, chat, { body: { kind: "gap", reason: "missing", count: 1 } });
	const first = await collect(makeArchive(phone, SECRET));
	await addRow(phone, chat, { seq: 90, id: undefined, body: { kind: "created" } });
	const second = await collect(makeArchive(phone, SECRET));
	const laptop = await newDevice({ account });
	await takeArchive(laptop, SECRET, each(first));
	assert.equal((await takeArchive(laptop, SECRET, each(first))).messages, 80, "it says what it took then");
	assert.equal((await takeArchive(laptop, SECRET, each(second))).messages, 0, "nothing new was said");
	const tablet = await newDevice({ account });
	await takeArchive(tablet, SECRET, makeArchive(laptop, SECRET));
	await takeArchive(tablet, SECRET, each(second));
	await takeArchive(tablet, SECRET, each(first));
	for (const device of [laptop, tablet])
		assert.deepEqual((await rowsOf(device, chat)).map(shown), (await rowsOf(phone, chat)).map(shown));
});

test("a crash between any two writes is gone on from, and the newest is there first", async () => {
	const phone = await alicesPhone();
	const chats = [];
	for (const name of ["Bob", "Carla", "Dan"])
		chats.push(await addConversation(phone, await addPerson(phone, name), 150, 1_700_000_000_000 - chats.length));
	const parts = await collect(makeArchive(phone, SECRET, undefined, 9000));
	assert.ok(parts.length >= 4, `${parts.length} parts`);
	const data = new Map<string, Uint8Array>();
	for (let crashes = 0; ; crashes++) {
		let writes = 0;
		// Dies at its second write, after the first one is in.
		const dying = (memory: typeof data) =>
			new (class extends MemoryStore {
				override async write(batch: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
					if (++writes > 1) throw new Error("the process died");
					await super.write(batch);
				}
			})(memory);
		const laptop = await newDevice({ account: phone.profile().account, data, store: dying });
		const outcome = await takeArchive(laptop, SECRET, each(parts)).then(
			() => "done",
			() => "died",
		);
		const first = await newDevice({ account: phone.profile().account, data });
		for (const id of chats)
			assert.equal((await rowsOf(first, id)).at(-1)?.seq, 150, "the newest of all is in the first part");
		if (outcome === "done") break;
		assert.ok(crashes < 2 * parts.length, "each start gets further");
	}
	const laptop = await newDevice({ account: phone.profile().account, data });
	for (const id of chats) assert.deepEqual((await rowsOf(laptop, id)).map(shown), (await rowsOf(phone, id)).map(shown));
});

test("what the device has of its own stays, and what it received itself comes from no archive", async () => {
	const phone = await alicesPhone();
	const bob = await addPerson(phone, "Bob");
	const chat = await addConversation(phone, bob, 20);
	const laptop = await newDevice({ account: phone.profile().account });
	await takeArchive(laptop, SECRET, makeArchive(phone, SECRET));
	// A laptop that was let in after no. 12 and calls bob by a later name.
	const linked = await newDevice({ account: phone.profile().account });
	await linked.state.transact(async (draft) => {
		const record = laptop.state.kept(KEYS.conversation(chat));
		if (record === undefined) throw new Error("not taken");
		const { imported: _, ...rest } = record;
		draft.write(KEYS.conversation(chat), { ...rest, state: "active", lastOrder: 0, lastKey: undefined });
		draft.write(KEYS.log(chat), { log: chat, seq: 20, from: 12, hash: undefined, nextClientSeq: 1, senders: {} });
		const known = laptop.state.kept(KEYS.account(bob));
		if (known !== undefined) draft.write(KEYS.account(bob), { ...known, name: "Robert", nameChangedAtMs: 99 });
	});
	for (const row of (await rowsOf(phone, chat)).filter(({ seq }) => (seq ?? 0) > 12)) await addRow(linked, chat, row);
	await takeArchive(linked, SECRET, makeArchive(phone, SECRET));
	assert.deepEqual((await rowsOf(linked, chat)).map(shown), (await rowsOf(phone, chat)).map(shown));
	assert.equal(linked.state.kept(KEYS.account(bob))?.name, "Robert");
	assert.equal(linked.state.kept(KEYS.conversation(chat))?.state, "active");
});

test("another account that takes it reads what it said before as its own words, and blocks nobody on its own", async () => {
	const phone = await alicesPhone();
	const bob = await addPerson(phone, "Bob");
	const mallory = await addPerson(phone, "Mallory");
	await phone.state.transact(async (draft) => {
		const known = phone.state.kept(KEYS.account(mallory));
		if (known !== undefined) draft.write(KEYS.account(mallory), { ...known, blocked: true });
	});
	const chat = await addConversation(phone, bob, 4);
	await addRow(phone, chat, {
		body: { kind: "text", text: "not sent yet", replyTo: undefined },
		sender: phone.profile().account,
	});
	const anew = await newDevice({ account: newAccount() });
	const taken = await takeArchive(anew, SECRET, makeArchive(phone, SECRET));
	assert.deepEqual([taken.done, taken.toBlock], [false, [mallory]], "the server is told first");
	assert.equal(anew.state.kept(KEYS.account(mallory))?.blocked, false);
	const senders = (await rowsOf(anew, chat)).map(({ sender }) => sender);
	const { account } = anew.profile();
	assert.deepEqual(senders, [bob, account, bob, account], "and what still waits there is not history");
	assert.ok(anew.state.kept(KEYS.conversation(chat))?.members.some((member) => member.account === account));
	assert.equal(anew.profile().name, "Alice");
});
