/** Carla has another number: what stays hers, what is taken back, and what nobody inherits. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	AccountDeletionSchema,
	AccountService,
	type ChangeNumberRequestSchema,
	idBytes,
	LABELS,
	LIMITS,
	NumberChangeSchema,
	type PolicyFile,
	SharingService,
	toHex,
} from "@troth/protocol";
import {
	logIn,
	refusalOf,
	registerAccount,
	startTestMessenger,
	type TestMessenger,
	verifyNumber,
} from "../_fixture.ts";
import { newDevice, newSigner, type Signer, signDeviceList, signStatement } from "../_identities.ts";
import { Decider, fileOf, newDecider, OPERATOR, publish, type Wrong } from "../sharing/_person.ts";

const OLD = "+15550100003";
const NEW = "+15550100013";
const BOB = "+15550100002";
const THIRD = "+15550100023";
const settings = { operatorToken: OPERATOR };

type Asked = MessageInitShape<typeof ChangeNumberRequestSchema>;

interface Changes {
	/** Purposes that go on. */
	readonly renew?: readonly string[];
	readonly wrong?: Wrong;
	readonly change?: MessageInitShape<typeof NumberChangeSchema>;
	readonly signer?: Signer;
}

const hashOf = (bytes: Uint8Array = new Uint8Array()) => createHash("sha256").update(bytes).digest();

/** What a device sends for a number whose code it has. */
async function asked(person: Decider, phone: string, changes: Changes = {}): Promise<Asked> {
	const { renew = [], wrong = {}, change, signer = person.device.signer } = changes;
	const { token } = await verifyNumber(person.messenger, phone);
	const presentation = { place: "number", ...wrong.presentation };
	const answers = Object.fromEntries(renew.map((purpose) => [purpose, true]));
	const { decision, grants } = renew.length === 0 ? {} : await person.decision(answers, { ...wrong, presentation });
	return {
		registrationToken: token,
		change: signStatement(signer, LABELS.numberChange, NumberChangeSchema, {
			accountId: idBytes(person.account),
			deviceId: idBytes(person.device.device),
			tokenHash: hashOf(token),
			...(decision !== undefined && { decisionHash: hashOf(decision.statement) }),
			...change,
		}),
		...(decision !== undefined && { decision }),
		...(grants !== undefined && { grants }),
	};
}

const accountsOf = ({ messenger, token }: Pick<Decider, "messenger" | "token">) =>
	messenger.client(AccountService, token);
const numberOf = async (person: Decider) => (await accountsOf(person).getOwnAccount({})).phone;
const codeOf = async (person: Decider, request: Promise<Asked>) =>
	(await refusalOf(accountsOf(person).changeNumber(await request))).code;

/** What the door is told, in order. */
async function outboxOf(messenger: TestMessenger): Promise<readonly string[]> {
	let rows: readonly string[] = [];
	await messenger.restart(async ({ records }) => {
		const outbox = await records.selectFrom("share_outbox").selectAll().orderBy("id").execute();
		rows = outbox.map(({ kind, purpose, recipient, generation }) => `${kind} ${purpose} ${recipient} ${generation}`);
	});
	return rows;
}

for (const stores of ["memory", "sqlite"] as const) {
	const story = (name: string, tell: (messenger: TestMessenger) => Promise<void>) =>
		test(`${name} (${stores})`, async () => {
			await using messenger = await startTestMessenger({ stores, settings });
			await publish(messenger, await fileOf("opt-in"));
			await tell(messenger);
		});

	story("it is the same account under another number, and the old number is free", async (messenger) => {
		const carla = await newDecider(messenger, OLD);
		const bob = await registerAccount(messenger, BOB);
		await accountsOf(carla).blockAccount({ accountId: idBytes(bob.account) });
		const request = await asked(carla, NEW);
		assert.deepEqual(await accountsOf(carla).changeNumber(request), await accountsOf(carla).changeNumber(request));
		const own = await accountsOf(carla).getOwnAccount({});
		assert.deepEqual([toHex(own.accountId), own.phone], [carla.account, NEW]);
		assert.deepEqual(own.blockedAccountIds.map(toHex), [bob.account]);
		const theirs = bob.client(AccountService);
		assert.equal(toHex((await theirs.lookUpNumber({ phone: NEW })).accountId), carla.account);
		assert.equal((await refusalOf(theirs.lookUpNumber({ phone: OLD }))).code, "NOT_FOUND");
		const { replacesAccount } = await verifyNumber(messenger, OLD);
		assert.equal(replacesAccount, false);
	});

	story(
		"for a week it is changed no more, except back, and the number that rests is nobody else's",
		async (messenger) => {
			const [carla, bob] = [await newDecider(messenger, OLD), await newDecider(messenger, BOB)];
			const own = () => accountsOf(carla).getOwnAccount({});
			assert.equal((await own()).numberChangeableFromMs, 0n);
			await accountsOf(carla).changeNumber(await asked(carla, NEW));
			const changedMs = messenger.clock.now();
			const { numberChangedAtMs, numberChangeableFromMs, numberBackUntilMs } = await own();
			assert.deepEqual([numberChangedAtMs, numberChangeableFromMs, numberBackUntilMs].map(Number), [
				changedMs,
				changedMs + LIMITS.numberChangeWaitMs,
				changedMs + LIMITS.numberRestsMs,
			]);
			const third = asked(carla, THIRD);
			const { code, fields } = await refusalOf(accountsOf(carla).changeNumber(await third));
			assert.deepEqual([code, fields.retryAtMs], ["NUMBER_CHANGED_RECENTLY", Number(numberChangeableFromMs)]);
			// Neither by a registration nor by a change; who verifies it is told.
			assert.equal((await refusalOf(registerAccount(messenger, OLD))).code, "NUMBER_RESTING");
			const taken = await refusalOf(accountsOf(bob).changeNumber(await asked(bob, OLD)));
			assert.deepEqual([taken.code, taken.fields.retryAtMs], ["NUMBER_RESTING", Number(numberBackUntilMs)]);
			await accountsOf(carla).changeNumber(await asked(carla, OLD));
			assert.equal(await numberOf(carla), OLD);
			// Now the other one rests, and the week begins anew.
			assert.equal((await refusalOf(registerAccount(messenger, NEW))).code, "NUMBER_RESTING");
			messenger.clock.advance(LIMITS.numberRestsMs);
			await carla.login();
			const late = await asked(carla, NEW);
			assert.equal((await refusalOf(accountsOf(carla).changeNumber(late))).code, "NUMBER_CHANGED_RECENTLY");
			await registerAccount(messenger, NEW);
			messenger.clock.advance(LIMITS.numberChangeWaitMs - LIMITS.numberRestsMs);
			await carla.login();
			await accountsOf(carla).changeNumber(await asked(carla, THIRD));
		},
	);

	story("a number that rests is free when the account that had it is deleted", async (messenger) => {
		const carla = await newDecider(messenger, OLD);
		await accountsOf(carla).changeNumber(await asked(carla, NEW));
		const deletion = { accountId: idBytes(carla.account), deviceId: idBytes(carla.device.device) };
		await accountsOf(carla).deleteAccount({
			deletion: signStatement(carla.device.signer, LABELS.accountDeletion, AccountDeletionSchema, deletion),
		});
		await registerAccount(messenger, OLD);
		await registerAccount(messenger, NEW);
	});

	story("whoever has the number loses it, with everything, as at a registration", async (messenger) => {
		const [carla, bob] = [await newDecider(messenger, OLD), await newDecider(messenger, NEW)];
		const { shareKey } = await carla.sharing.getStanding({});
		await bob.decide({ friend_suggestions: true, relevant_ads: true });
		await carla.decide({ relevant_ads: false });
		await accountsOf(bob).blockAccount({ accountId: idBytes(carla.account) });
		await accountsOf(carla).changeNumber(await asked(carla, NEW));
		assert.equal((await refusalOf(bob.login())).code, "DEVICE_REMOVED");
		assert.equal(await numberOf(carla), NEW);
		assert.equal(await carla.choice("friend_suggestions"), "UNSET 0");
		assert.equal(await carla.choice("relevant_ads"), "REFUSED 0");
		assert.deepEqual((await carla.sharing.getStanding({})).shareKey, shareKey);
		assert.equal(messenger.counters().get("account-replaced"), 1);
	});

	story(
		"what stands no more is not brought back: the change is refused whole, and made without it",
		async (messenger) => {
			const carla = await newDecider(messenger, OLD);
			await carla.decide({ friend_suggestions: true, relevant_ads: true });
			const request = asked(carla, NEW, { renew: ["friend_suggestions", "relevant_ads"] });
			await request;
			await carla.decide({ relevant_ads: false });
			assert.equal(await codeOf(carla, request), "CONSENT_CONFLICT");
			assert.equal(await numberOf(carla), OLD);
			assert.equal(await carla.choice("friend_suggestions"), "GRANTED 1");
			// The token was not used up by the refusal.
			const { registrationToken = new Uint8Array() } = await request;
			const again = await asked(carla, NEW, { change: { tokenHash: hashOf(registrationToken) } });
			await accountsOf(carla).changeNumber({ ...again, registrationToken });
			assert.equal(await numberOf(carla), NEW);
			assert.equal(await carla.choice("friend_suggestions"), "WITHDRAWN 1");
			assert.equal(await carla.choice("relevant_ads"), "WITHDRAWN 1");
			await carla.decide({ friend_suggestions: true });
			assert.equal(await carla.choice("friend_suggestions"), "GRANTED 2");
		},
	);

	story("a yes to words that are no longer in force does not go on", async (messenger) => {
		const carla = await newDecider(messenger, OLD);
		await carla.decide({ friend_suggestions: true, relevant_ads: true });
		const file = (await fileOf("opt-in", 3)) as unknown as PolicyFile;
		const words = file.locales["en"]?.purposes?.["relevant_ads"];
		assert.ok(words !== undefined);
		Object.assign(words, { body: `${words.body} In other words.` });
		assert.equal((await publish(messenger, file)).status, 201);
		// Under the words of version 2, which she accepted; version 3 has other ones for the advertisements.
		const version = { change: { version: 2 } };
		const both = asked(carla, NEW, { renew: ["friend_suggestions", "relevant_ads"], wrong: version });
		assert.equal(await codeOf(carla, both), "PURPOSE_UNKNOWN");
		const request = await asked(carla, NEW, { renew: ["friend_suggestions"], wrong: version });
		await accountsOf(carla).changeNumber(request);
		assert.equal(await carla.choice("friend_suggestions"), "GRANTED 2");
		assert.equal(await carla.choice("relevant_ads"), "WITHDRAWN 1");
	});
}

test("the old number is recalled from everybody, then what goes on is shared; a link stays (sqlite)", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, OLD);
	await carla.decide({ friend_suggestions: true, relevant_ads: true, account_linking: true });
	const { shareKey } = await carla.sharing.getStanding({});
	const request = await asked(carla, NEW, { renew: ["friend_suggestions"] });
	const { receipt } = await accountsOf(carla).changeNumber(request);
	assert.ok(receipt !== undefined);
	// An answer that got lost is given again, with its receipt.
	assert.deepEqual((await accountsOf(carla).changeNumber(request)).receipt, receipt);
	assert.equal(await carla.choice("friend_suggestions"), "GRANTED 2");
	assert.equal(await carla.choice("relevant_ads"), "WITHDRAWN 1");
	assert.equal(await carla.choice("account_linking"), "GRANTED 1");
	assert.deepEqual((await carla.sharing.getStanding({})).shareKey, shareKey);
	assert.deepEqual((await outboxOf(messenger)).slice(4), [
		"recall friend_suggestions family 1",
		"recall friend_suggestions photos 1",
		"recall relevant_ads family 1",
		"share friend_suggestions family 2",
		"share friend_suggestions photos 2",
	]);
	await messenger.restart(async ({ records }) => {
		const [shown] = await records.selectFrom("share_friend_suggestions").selectAll().execute();
		assert.deepEqual([shown?.generation, shown?.phone_number], [2, NEW]);
		const numbers = await records.selectFrom("registration").select("phone").execute();
		assert.deepEqual(numbers, [{ phone: NEW }]);
	});
});

test("nobody changes carla's number for her, nor with a code for another one", async () => {
	await using messenger = await startTestMessenger({ settings });
	await publish(messenger, await fileOf("opt-in"));
	const [carla, bob] = [await newDecider(messenger, OLD), await newDecider(messenger, BOB)];
	await carla.decide({ relevant_ads: true });
	const renew = ["relevant_ads"];
	assert.equal(await codeOf(carla, asked(carla, OLD)), "PHONE_INVALID");
	assert.equal(await codeOf(carla, asked(carla, NEW, { signer: bob.device.signer })), "UNAUTHENTICATED");
	assert.equal(await codeOf(bob, asked(carla, NEW)), "UNAUTHENTICATED");
	assert.equal(await codeOf(carla, asked(carla, NEW, { change: { tokenHash: hashOf() } })), "MALFORMED");
	assert.equal(await codeOf(carla, asked(carla, NEW, { renew, change: { decisionHash: hashOf() } })), "MALFORMED");
	assert.equal(await codeOf(carla, asked(carla, NEW, { renew, wrong: { signer: newSigner() } })), "UNAUTHENTICATED");
	assert.equal(await codeOf(carla, asked(carla, NEW, { renew, wrong: { drop: 1 } })), "MALFORMED");
	const unknown = { registrationToken: new Uint8Array(32), change: { tokenHash: hashOf(new Uint8Array(32)) } };
	const forged = asked(carla, NEW, { change: unknown.change });
	const withForged = forged.then((one) => ({ ...one, registrationToken: unknown.registrationToken }));
	assert.equal(await codeOf(carla, withForged), "REGISTRATION_TOKEN_INVALID");
	// Bob uses a code that carla's request waits with.
	const waiting = await asked(carla, NEW);
	const { registrationToken = new Uint8Array() } = waiting;
	const bobs = await asked(bob, NEW, { change: { tokenHash: hashOf(registrationToken) } });
	await accountsOf(bob).changeNumber({ ...bobs, registrationToken });
	assert.equal(await codeOf(carla, Promise.resolve(waiting)), "REGISTRATION_TOKEN_INVALID");
	assert.deepEqual([await numberOf(carla), await numberOf(bob)], [OLD, NEW]);
	assert.equal(await carla.choice("relevant_ads"), "GRANTED 1");
});

test("a device that was removed meanwhile decides nothing any more, about the number or about sharing", async () => {
	await using messenger = await startTestMessenger({ settings });
	await publish(messenger, await fileOf("opt-in"));
	const carla = await newDecider(messenger, OLD);
	const laptop = newDevice();
	const list = (version: number, ...devices: Parameters<typeof signDeviceList>[3][number][]) =>
		accountsOf(carla).publishDeviceList({
			deviceList: signDeviceList(carla.person.identity, carla.account, version, devices, 0),
		});
	await list(2, carla.person, laptop);
	const onLaptop = new Decider(messenger, carla.account, laptop, await logIn(messenger, laptop), carla.consentKeys);
	const yes = await onLaptop.decision({ relevant_ads: true });
	const change = asked(onLaptop, NEW);
	await change;
	await list(3, carla.person);
	const decide = messenger.client(SharingService, onLaptop.token).decidePurposes(yes);
	assert.equal((await refusalOf(decide)).code, "DEVICE_REMOVED");
	assert.equal(await codeOf(onLaptop, change), "DEVICE_REMOVED");
	// With a session of another device it is still the removed one's signature.
	assert.equal((await refusalOf(carla.sharing.decidePurposes(yes))).code, "UNAUTHENTICATED");
	assert.equal(await carla.choice("relevant_ads"), "UNSET 0");
	assert.equal(await numberOf(carla), OLD);
});
