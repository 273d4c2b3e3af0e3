/**
 * The edges of the life with the terms, over the real API with the clock in hand. Edges that are told elsewhere: away for
 * 45 days, a version 3 in the middle of version 2's days and two devices in one second (`messenger/terms/suspension`,
 * `messenger/sharing/sharing`, `bridge/lifecycle`); a decision said again (`messenger/sharing/sharing`) and a receipt that
 * belongs to another one (`client/stories/lies-about-sharing`); records from an old backup (`client/stories/old-records`,
 * `bridge/door/restored`); a device removed between decision and use (`messenger/accounts/change-number`); a parent that
 * is away for three days (`bridge/door/delivery/waiting`).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AccountService, idBytes, LABELS, type PolicyFile, ServicePhase, TermsAcceptanceSchema } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import { logIn, refusalOf, startTestMessenger, type TestMessenger } from "../../messenger/_fixture.ts";
import { newDevice, signDeviceList, signStatement } from "../../messenger/_identities.ts";
import { DAY_MS, Decider, fileOf, newDecider, OPERATOR, publish } from "../../messenger/sharing/_person.ts";

const ALICE = "+15550108501";
const BOB = "+15550108502";
const WINDOW_MS = 2_592_000_000;
const YEAR_MS = 365 * DAY_MS;

const messenger = (clock = new ManualClock()): Promise<TestMessenger> =>
	startTestMessenger({ clock, settings: { operatorToken: OPERATOR } });

async function phaseOf(person: Decider): Promise<string | undefined> {
	const { phase } = await person.standing();
	return Object.keys(ServicePhase).find((name) => ServicePhase[name as keyof typeof ServicePhase] === phase);
}

/** Somebody who was shown version 2 just now, and has 30 days. */
async function shown(at: TestMessenger, phone: string): Promise<Decider> {
	const person = await newDecider(at, phone);
	if ((await person.policy()).policy.version === 1) await publish(at, await fileOf("opt-in"));
	await person.showNotice();
	return person;
}

for (const late of [-1, 0, 1])
	test(`alice accepts ${late} ms after her deadline: ${late < 0 ? "in time" : "out of a suspension"}, and it counts`, async () => {
		await using at = await messenger();
		const alice = await shown(at, ALICE);
		at.clock.sleep(WINDOW_MS + late);
		await alice.login();
		assert.equal(await phaseOf(alice), late < 0 ? "PENDING" : "SUSPENDED");
		await alice.accept();
		assert.equal(await phaseOf(alice), "ACTIVE");
		const { acceptedVersion, acceptedAtMs, deadlineMs } = await alice.standing();
		assert.deepEqual([acceptedVersion, acceptedAtMs, deadlineMs], [2, BigInt(at.clock.now()), 0n]);
		at.clock.sleep(WINDOW_MS);
		await alice.login();
		assert.equal(await phaseOf(alice), "ACTIVE");
	});

for (const years of [-40, 10])
	test(`a device whose clock is ${Math.abs(years)} years ${years < 0 ? "behind" : "ahead"} gets no day more, and none less`, async () => {
		await using at = await messenger();
		const alice = await newDecider(at, ALICE);
		await publish(at, await fileOf("opt-in"));
		const wrong = BigInt(at.clock.now() + years * YEAR_MS);
		const { standing } = await alice.sharing.confirmNotice({ notice: await alice.notice({ displayedAtMs: wrong }) });
		assert.deepEqual(
			[standing?.noticeDisplayedAtMs, standing?.deadlineMs],
			[BigInt(at.clock.now()), BigInt(at.clock.now() + WINDOW_MS)],
		);
		at.clock.sleep(3 * DAY_MS);
		await alice.login();
		const { policy, textHash } = await alice.policy();
		const acceptance = signStatement(alice.device.signer, LABELS.termsAcceptance, TermsAcceptanceSchema, {
			...{ accountId: idBytes(alice.account), deviceId: idBytes(alice.device.device) },
			...{ version: 2, policyHash: policy.hash, textHash, acceptedAtMs: wrong },
		});
		const { acceptedAtMs } = await alice.terms.acceptTerms({ acceptance });
		assert.equal(acceptedAtMs, BigInt(at.clock.now()));
		const told = { change: { decidedAtMs: wrong }, grant: { decidedAtMs: wrong } };
		await alice.decide({ relevant_ads: true }, told);
		const [, ads] = (await alice.standing()).choices;
		assert.deepEqual([ads?.state, ads?.decidedAtMs], [2, BigInt(at.clock.now())]);
	});

test("who accepts a version that is no longer in force is refused, reads the new words, and accepts those", async () => {
	await using at = await messenger();
	const alice = await shown(at, ALICE);
	const { textHash: old } = await alice.policy(2);
	const file = (await fileOf("opt-in", 3)) as unknown as PolicyFile;
	Object.assign(file.locales["en"] ?? {}, { summary: ["It says something else now."] });
	assert.equal((await publish(at, file)).status, 201);
	assert.equal((await refusalOf(alice.accept(2))).code, "TERMS_VERSION_UNKNOWN");
	const { current } = await alice.terms.getTerms({ locale: "en" });
	assert.deepEqual([current?.version, current?.summary], [3, ["It says something else now."]]);
	assert.notDeepEqual(current?.textHash, old);
	await alice.accept();
	assert.equal((await alice.standing()).acceptedVersion, 3);
});

test("each language has words of its own: what was shown in one is not accepted, nor decided, as another", async () => {
	await using at = await messenger();
	const alice = await newDecider(at, ALICE);
	const file = (await fileOf("opt-in")) as unknown as PolicyFile;
	const { en } = file.locales;
	assert.ok(en !== undefined);
	const german = { ...en, summary: ["Deutsch."] };
	const published = await publish(at, { ...file, locales: { en, de: german } });
	assert.equal(published.status, 201, JSON.stringify(published.body));
	const { current } = await alice.terms.getTerms({ locale: "de" });
	assert.deepEqual([current?.locale, current?.summary], ["de", ["Deutsch."]]);
	const { textHash: inEnglish } = await alice.policy(2);
	const inGerman = current?.textHash ?? new Uint8Array();
	assert.notDeepEqual(inGerman, inEnglish);
	await alice.accept();
	const codeOf = async (locale: string, textHash: Uint8Array) =>
		(await refusalOf(alice.decide({ relevant_ads: true }, { change: { locale, textHash } }))).code;
	assert.equal(await codeOf("de", inEnglish), "TERMS_VERSION_UNKNOWN");
	assert.equal(await codeOf("en", inGerman), "TERMS_VERSION_UNKNOWN");
	assert.equal(await codeOf("fr", inEnglish), "TERMS_VERSION_UNKNOWN");
	assert.equal(await alice.choice("relevant_ads"), "UNSET 0");
	await alice.decide({ relevant_ads: true }, { change: { locale: "de", textHash: inGerman } });
	assert.equal(await alice.choice("relevant_ads"), "GRANTED 1");
});

test("alice accepts in her browser while no phone of hers is online; the phone finds it done", async () => {
	await using at = await messenger();
	const phone = await newDecider(at, ALICE);
	const browser = newDevice();
	await at.client(AccountService, phone.token).publishDeviceList({
		deviceList: signDeviceList(phone.person.identity, phone.account, 2, [phone.person, browser], 0),
	});
	await publish(at, await fileOf("opt-in"));
	const web = new Decider(at, phone.account, browser, await logIn(at, browser), phone.consentKeys);
	await web.showNotice();
	at.clock.sleep(20 * DAY_MS);
	await web.login();
	await web.accept();
	await web.decide({ friend_suggestions: true, relevant_ads: false });
	// Not for so long that the phone is unlinked.
	at.clock.sleep(9 * DAY_MS);
	await phone.login();
	assert.equal(await phaseOf(phone), "ACTIVE");
	assert.equal((await phone.standing()).acceptedVersion, 2);
	assert.equal(await phone.choice("friend_suggestions"), "GRANTED 1");
	// Late, on the phone: the notice that was waiting there begins nothing.
	assert.equal((await phone.showNotice()).deadlineMs, 0n);
	await phone.decide({ friend_suggestions: false });
	assert.equal(await web.login().then(() => web.choice("friend_suggestions")), "WITHDRAWN 1");
});

/** Where and when days are not 24 hours long, or hardly exist. */
const CALENDARS = [
	["Pacific/Kiritimati", "UTC+14", Date.UTC(2026, 10, 22, 11, 59, 59, 999)],
	["Europe/Berlin", "a day of 23 hours", Date.UTC(2026, 2, 29, 0, 59, 59, 999)],
	["Europe/Berlin", "a day of 25 hours", Date.UTC(2026, 9, 25, 0, 59, 59, 999)],
	["Pacific/Apia", "a day that never was", Date.UTC(2011, 11, 29, 10)],
	["America/New_York", "a leap second", Date.UTC(2016, 11, 31, 23, 59, 59, 999)],
	["Australia/Lord_Howe", "half an hour more, and a leap day", Date.UTC(2028, 1, 28, 15)],
] as const;

test("30 days are 30 times 24 hours, whatever the calendar of the place says", async () => {
	const zone = process.env["TZ"];
	try {
		for (const [timeZone, what, startMs] of CALENDARS) {
			process.env["TZ"] = timeZone;
			await using at = await messenger(new ManualClock(startMs));
			const alice = await shown(at, ALICE);
			const begunAt = at.clock.now();
			assert.equal((await alice.standing()).deadlineMs, BigInt(begunAt + WINDOW_MS), what);
			at.clock.sleep(WINDOW_MS - 1);
			await alice.login();
			assert.equal(await phaseOf(alice), "PENDING", what);
			at.clock.advance(1);
			assert.equal(await phaseOf(alice), "SUSPENDED", what);
		}
	} finally {
		if (zone === undefined) delete process.env["TZ"];
		else process.env["TZ"] = zone;
	}
});

test("a second that comes twice, or a clock set back by an hour, gives nobody a moment more", async () => {
	await using at = await messenger();
	const [alice, bob] = [await newDecider(at, ALICE), await newDecider(at, BOB)];
	await publish(at, await fileOf("opt-in"));
	await alice.showNotice();
	await bob.showNotice();
	const deadline = Number((await alice.standing()).deadlineMs);
	at.clock.sleep(WINDOW_MS);
	await alice.login();
	// She does something after her deadline; then the machine's clock is set back behind it.
	await alice.decide({ relevant_ads: false });
	at.clock.sleep(-3_600_000);
	await alice.login();
	await bob.login();
	assert.ok(at.clock.now() < deadline);
	assert.equal(await phaseOf(alice), "SUSPENDED", "time that was counted with does not come back");
	assert.equal(await phaseOf(bob), "PENDING", "who did nothing meanwhile is asked by the clock as it is");
	at.clock.sleep(3_600_000);
	await bob.login();
	assert.equal(await phaseOf(bob), "SUSPENDED");
});
