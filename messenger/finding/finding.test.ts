/** Who finds whom: by number where it is allowed, by username, by link; and what is left of any of it. */
import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import {
	AccountDeletionSchema,
	AccountService,
	FindableBy,
	FindingService,
	idBytes,
	LABELS,
	LIMITS,
	toHex,
} from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { signStatement } from "../_identities.ts";

const DAY_MS = 24 * 3600 * 1000;
const NOBODY = "+15550107999";

/** The same story on both engines, with new people. */
function story(
	name: string,
	tell: (town: TestMessenger, alice: TestAccount, bob: TestAccount, carla: TestAccount) => Promise<void>,
	engines: readonly ("memory" | "sqlite")[] = ["memory"],
): void {
	for (const stores of engines)
		test(`${name} (${stores})`, async () => {
			await using town = await startTestMessenger({ stores });
			const [alice, bob, carla] = [
				await registerAccount(town, "+15550107001"),
				await registerAccount(town, "+15550107002"),
				await registerAccount(town, "+15550107003"),
			];
			await tell(town, alice, bob, carla);
		});
}

const finding = (person: TestAccount) => person.client(FindingService);
const byNumber = (person: TestAccount, phone: string) => person.client(AccountService).lookUpNumber({ phone });
const inBook = async (person: TestAccount, ...phones: string[]) =>
	(await finding(person).lookUpNumbers({ phones })).found.map(({ index, accountId }) => `${index} ${toHex(accountId)}`);

/** All that a refusal says. */
async function answerOf(call: Promise<unknown>) {
	const { code, message, fields } = await refusalOf(call);
	return { code, message, fields };
}

async function deleteAccount({ client, account, device, signer }: TestAccount, town: TestMessenger): Promise<void> {
	await client(AccountService).deleteAccount({
		deletion: signStatement(signer, LABELS.accountDeletion, AccountDeletionSchema, {
			accountId: idBytes(account),
			deviceId: idBytes(device),
			requestedAtMs: BigInt(town.clock.now()),
		}),
	});
}

story(
	"alice is found by everyone, by her contacts or by nobody, as she says; to the others she is not here",
	async (_town, alice, bob, carla) => {
		const absent = await answerOf(byNumber(bob, NOBODY));
		assert.equal(toHex((await byNumber(bob, alice.phone)).accountId), alice.account);
		assert.deepEqual(await inBook(bob, NOBODY, alice.phone, "12"), [`1 ${alice.account}`]);

		const named = await finding(alice).setFindable({
			byNumber: FindableBy.CONTACTS,
			addContacts: [idBytes(carla.account), idBytes(carla.account)],
		});
		assert.equal(named.contacts, 1);
		assert.deepEqual(await answerOf(byNumber(bob, alice.phone)), absent);
		assert.deepEqual(await inBook(bob, alice.phone), await inBook(bob, NOBODY));
		assert.equal(toHex((await byNumber(carla, alice.phone)).accountId), alice.account);
		assert.deepEqual(await inBook(carla, alice.phone), [`0 ${alice.account}`]);

		await finding(alice).setFindable({
			byNumber: FindableBy.CONTACTS,
			addContacts: [idBytes(bob.account)],
			removeContacts: [idBytes(carla.account)],
		});
		assert.equal(toHex((await byNumber(bob, alice.phone)).accountId), alice.account);
		assert.deepEqual(await answerOf(byNumber(carla, alice.phone)), absent);

		await finding(alice).setFindable({ byNumber: FindableBy.NOBODY });
		for (const other of [bob, carla]) {
			assert.deepEqual(await answerOf(byNumber(other, alice.phone)), absent);
			assert.deepEqual(await inBook(other, alice.phone), []);
		}
		assert.equal(toHex((await byNumber(alice, alice.phone)).accountId), alice.account);

		// A device that does not know of it changes nothing of that.
		const late = await finding(alice).setFindable({
			byNumber: FindableBy.CONTACTS,
			addContacts: [idBytes(bob.account)],
			keepChoice: true,
		});
		assert.deepEqual([late.byNumber, late.contacts], [FindableBy.NOBODY, 0]);
		assert.deepEqual(await answerOf(byNumber(bob, alice.phone)), absent);

		// Who was named is forgotten with the choice: the next one begins with nobody.
		await finding(alice).setFindable({ byNumber: FindableBy.CONTACTS });
		assert.deepEqual(await answerOf(byNumber(bob, alice.phone)), absent);
		await finding(alice).setFindable({ byNumber: FindableBy.EVERYONE });
		assert.equal(toHex((await byNumber(bob, alice.phone)).accountId), alice.account);
	},
	["memory", "sqlite"],
);

story("a choice that the server does not know is not taken for everyone", async (_town, alice) => {
	await finding(alice).setFindable({ byNumber: FindableBy.NOBODY });
	const odd = finding(alice).setFindable({ byNumber: 9 as FindableBy });
	assert.equal((await refusalOf(odd)).code, "MALFORMED");
	assert.equal((await finding(alice).getFinding({})).byNumber, FindableBy.NOBODY);
	const short = finding(alice).setFindable({ byNumber: FindableBy.CONTACTS, addContacts: [new Uint8Array(3)] });
	assert.equal((await refusalOf(short)).code, "MALFORMED");
});

story("numbers are not tried out with an address book that never ends", async (town, alice, bob) => {
	const numbers = (from: number, count: number) =>
		Array.from({ length: count }, (_, i) => `+1555011${String(from + i).padStart(4, "0")}`);
	const most = LIMITS.numbersPerRequest;
	assert.equal((await refusalOf(finding(bob).lookUpNumbers({ phones: numbers(0, most + 1) }))).code, "MALFORMED");
	for (let asked = 0; asked < LIMITS.numbersPerDay; asked += most)
		assert.deepEqual(await inBook(bob, ...numbers(asked, most)), []);
	const limited = await refusalOf(finding(bob).lookUpNumbers({ phones: [alice.phone] }));
	assert.equal(limited.code, "RATE_LIMITED");
	// A whole request has to fit: what is spent comes back over a day.
	const whole = await refusalOf(finding(bob).lookUpNumbers({ phones: numbers(0, most) }));
	assert.equal((whole.fields.retryAtMs ?? 0) - town.clock.now(), (DAY_MS * most) / LIMITS.numbersPerDay);
	assert.deepEqual(await inBook(alice, bob.phone), [`0 ${bob.account}`]);
	town.clock.advance((limited.fields.retryAtMs ?? 0) - town.clock.now());
	assert.deepEqual(await inBook(bob, alice.phone), [`0 ${alice.account}`]);
});

story("alice takes a username, and bob finds her by it, however he writes it", async (_town, alice, bob) => {
	assert.equal((await finding(alice).setUsername({ username: "@Alice.Liddell" })).username, "alice.liddell");
	const found = await finding(bob).lookUpUsername({ username: "ALICE.liddell" });
	assert.equal(toHex(found.accountId), alice.account);
	assert.deepEqual(found.deviceList, (await byNumber(bob, alice.phone)).deviceList);
	for (const near of ["alice", "alice.liddel", "alice_liddell"])
		assert.equal((await refusalOf(finding(bob).lookUpUsername({ username: near }))).code, "NOT_FOUND");
	// Hiding the number does not hide the name, and taking the same name again changes nothing.
	await finding(alice).setFindable({ byNumber: FindableBy.NOBODY });
	await finding(alice).setUsername({ username: "alice.liddell" });
	assert.equal(toHex((await finding(bob).lookUpUsername({ username: "alice.liddell" })).accountId), alice.account);
	assert.equal((await finding(alice).getFinding({})).username, "alice.liddell");
});

story("what is no username is refused, and what could be taken for the operator", async (_town, alice) => {
	const claim = async (username: string) => (await refusalOf(finding(alice).setUsername({ username }))).code;
	for (const none of ["al", "a".repeat(31), "al ice", "аlice", "alicе", "ａlice", "al-ice", ".alice", "alice_", "a..b"])
		assert.equal(await claim(none), "USERNAME_INVALID", none);
	assert.equal(await claim("15550107001"), "USERNAME_INVALID");
	for (const other of ["admin", "Adm1n", "s.u.p.p.o.r.t", "troth_help", "tr0th", "5ecurity"])
		assert.equal(await claim(other), "USERNAME_TAKEN", other);
	assert.equal((await finding(alice).getFinding({})).username, "");
});

story("a name that was given up rests, for everybody but who had it", async (town, alice, bob) => {
	await finding(alice).setUsername({ username: "rabbit" });
	const taken = await answerOf(finding(bob).setUsername({ username: "Rabbit" }));
	assert.equal(taken.code, "USERNAME_TAKEN");
	await finding(alice).setUsername({ username: "white_rabbit" });
	assert.equal((await refusalOf(finding(bob).lookUpUsername({ username: "rabbit" }))).code, "NOT_FOUND");
	assert.deepEqual(await answerOf(finding(bob).setUsername({ username: "rabbit" })), taken);
	await finding(alice).setUsername({ username: "rabbit" });
	await finding(alice).removeUsername({});
	await finding(alice).removeUsername({});
	assert.equal((await finding(alice).getFinding({})).username, "");
	town.clock.sleep(LIMITS.usernameQuarantineMs - 1);
	const [again, him] = [await alice.login(), await bob.login()];
	const late = town.client(FindingService, him);
	assert.deepEqual(await answerOf(late.setUsername({ username: "rabbit" })), taken);
	town.clock.advance(1);
	await late.setUsername({ username: "rabbit" });
	assert.equal(
		(await refusalOf(town.client(FindingService, again).setUsername({ username: "rabbit" }))).code,
		"USERNAME_TAKEN",
	);
});

story("nobody collects names: after three that were given up, the next one waits", async (town, alice) => {
	for (const username of ["first", "second", "third", "fourth"]) await finding(alice).setUsername({ username });
	const limited = await refusalOf(finding(alice).setUsername({ username: "fifth" }));
	assert.equal(limited.code, "RATE_LIMITED");
	assert.equal(limited.fields.retryAtMs, town.clock.now() + LIMITS.usernameQuarantineMs);
	// Going back to a name of one's own takes nothing from anybody, and giving a name up always works.
	await finding(alice).setUsername({ username: "second" });
	await finding(alice).removeUsername({});
	assert.equal((await refusalOf(finding(alice).setUsername({ username: "fifth" }))).code, "RATE_LIMITED");
	town.clock.sleep(LIMITS.usernameQuarantineMs);
	await town.client(FindingService, await alice.login()).setUsername({ username: "fifth" });
});

story("a contact link leads to who made it, until it is renewed or revoked", async (_town, alice, bob) => {
	const [first, second] = [randomBytes(LIMITS.contactLinkBytes), randomBytes(LIMITS.contactLinkBytes)];
	const hash = (token: Uint8Array) => createHash("sha256").update(token).digest();
	const open = (token: Uint8Array) => finding(bob).lookUpContactLink({ token });
	await finding(alice).setFindable({ byNumber: FindableBy.NOBODY });
	assert.equal((await refusalOf(open(first))).code, "NOT_FOUND");
	await finding(alice).setContactLink({ tokenHash: hash(first) });
	assert.equal(toHex((await open(first)).accountId), alice.account);
	assert.deepEqual(Buffer.from((await finding(alice).getFinding({})).contactLinkHash), hash(first));
	assert.equal((await refusalOf(finding(bob).setContactLink({ tokenHash: hash(first) }))).code, "MALFORMED");
	await finding(alice).setContactLink({ tokenHash: hash(second) });
	assert.equal((await refusalOf(open(first))).code, "NOT_FOUND");
	assert.equal(toHex((await open(second)).accountId), alice.account);
	await finding(alice).removeContactLink({});
	assert.equal((await refusalOf(open(second))).code, "NOT_FOUND");
	assert.equal((await refusalOf(open(first.subarray(1)))).code, "MALFORMED");
	assert.equal((await refusalOf(finding(alice).setContactLink({ tokenHash: first }))).code, "MALFORMED");
});

story("names and links are looked up no oftener than numbers", async (_town, alice, bob) => {
	await finding(alice).setUsername({ username: "hatter" });
	const each = LIMITS.lookUpsPerHour / 3;
	const tries = Array.from({ length: each }, (_, i) => [
		byNumber(bob, NOBODY),
		finding(bob).lookUpUsername({ username: `hatter${i}` }),
		finding(bob).lookUpContactLink({ token: randomBytes(LIMITS.contactLinkBytes) }),
	]);
	for (const { code } of await Promise.all(tries.flat().map(refusalOf))) assert.equal(code, "NOT_FOUND");
	for (const call of [
		() => byNumber(bob, alice.phone),
		() => finding(bob).lookUpUsername({ username: "hatter" }),
		() => finding(bob).lookUpContactLink({ token: randomBytes(LIMITS.contactLinkBytes) }),
	])
		assert.equal((await refusalOf(call())).code, "RATE_LIMITED");
});

story(
	"with the account goes all by which it was found; its name rests, and says nothing",
	async (town, alice, bob, carla) => {
		const token = randomBytes(LIMITS.contactLinkBytes);
		await finding(alice).setUsername({ username: "dormouse" });
		await finding(alice).setUsername({ username: "march.hare" });
		await finding(alice).setContactLink({ tokenHash: createHash("sha256").update(token).digest() });
		await finding(alice).setFindable({ byNumber: FindableBy.CONTACTS, addContacts: [idBytes(bob.account)] });
		await finding(carla).setFindable({ byNumber: FindableBy.CONTACTS, addContacts: [idBytes(alice.account)] });
		await deleteAccount(alice, town);
		assert.equal((await refusalOf(finding(bob).lookUpUsername({ username: "march.hare" }))).code, "NOT_FOUND");
		assert.equal((await refusalOf(finding(bob).lookUpContactLink({ token }))).code, "NOT_FOUND");
		assert.equal((await finding(carla).getFinding({})).contacts, 0);
		for (const username of ["dormouse", "march.hare"])
			assert.equal((await refusalOf(finding(bob).setUsername({ username }))).code, "USERNAME_TAKEN");
		await town.restart(async ({ records }) => {
			for (const table of ["findable", "findable_contact", "username", "contact_link"] as const) {
				const rows = await records.selectFrom(table).selectAll().execute();
				assert.ok(!JSON.stringify(rows).includes(alice.account), table);
			}
			const rest = await records.selectFrom("released_username").selectAll().execute();
			assert.deepEqual(
				rest.map((row) => row.account_id),
				[null, null],
			);
			assert.ok(!/dormouse|march/.test(JSON.stringify(rest)));
		});
		// The next owner of the number begins with what everybody begins with.
		const next = await registerAccount(town, alice.phone);
		const fresh = await finding(next).getFinding({});
		assert.deepEqual([fresh.byNumber, fresh.username, fresh.contactLinkHash.length], [FindableBy.EVERYONE, "", 0]);
	},
	["sqlite"],
);
