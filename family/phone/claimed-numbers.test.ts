/** Mallory, who claims carla's number without proving it, gets nothing and stands in nobody's way (C3). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "../_bridge.ts";
import { CallRefused, startTestFamily } from "../_fixture.ts";

const BOB = "+15550100002";
const CARLA = "+15550100003";

const refusedWith = (code: string) => (error: unknown) => error instanceof CallRefused && error.code === code;

test("mallory claims carla's number and gets nothing of hers", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const bob = await family.signUp("Bob");
	await bob.verify(BOB);
	await bob.choose(true);
	await bob.upload(CARLA);
	const mallory = await family.signUp("Mallory");
	await mallory.upload(BOB);
	await mallory.call("/api/phone", { phone: CARLA });
	await assert.rejects(mallory.choose(true, true), refusedWith("NO_NUMBER"));
	const trother = newTrother();
	const share = () => bridge.share(trother, { purpose: "friend_suggestions", values: { phone_number: CARLA } });
	assert.deepEqual(await bridge.deliver([await share()]), ["dropped"]);
	assert.deepEqual([...(await mallory.suggestions()).keys()], []);
	assert.deepEqual([...(await bob.suggestions()).keys()], []);
	assert.deepEqual(await family.knows(CARLA), { known: false, items: [] });

	// The claim does not stand in carla's way, nor does she need to wait for its end.
	const carla = await family.signUp("Carla");
	await carla.upload(BOB);
	await carla.verify(CARLA);
	assert.deepEqual(await bridge.deliver([await share()]), ["kept"]);
	assert.deepEqual([...(await bob.suggestions()).keys()], ["Carla"]);
	assert.deepEqual([...(await mallory.suggestions()).keys()], []);
	await assert.rejects(mallory.call("/api/phone/verify", { code: "000000" }), refusedWith("CODE_WRONG"));
});

test("a code can be guessed five times, lives ten minutes, and is not sent without end", async () => {
	await using family = await startTestFamily();
	const mallory = await family.signUp("Mallory");
	const guess = (code: string) => mallory.call("/api/phone/verify", { code });
	const wrong = () => (family.codes.get(CARLA) === "123456" ? "654321" : "123456");
	await mallory.call("/api/phone", { phone: CARLA });
	for (let i = 0; i < 5; i++) await assert.rejects(guess(wrong()), refusedWith("CODE_WRONG"));
	await assert.rejects(guess(family.codes.get(CARLA) ?? ""), refusedWith("TOO_MANY_TRIES"));

	await mallory.call("/api/phone", { phone: CARLA });
	family.clock.advance(10 * 60_000);
	await assert.rejects(guess(family.codes.get(CARLA) ?? ""), refusedWith("CODE_EXPIRED"));

	for (let i = 0; i < 3; i++) await mallory.call("/api/phone", { phone: CARLA });
	await assert.rejects(mallory.call("/api/phone", { phone: CARLA }), refusedWith("TOO_MANY_TRIES"));
	family.clock.advance(60 * 60_000);
	await mallory.call("/api/phone", { phone: CARLA });
	for (let i = 1; i < 10; i++) await mallory.call("/api/phone", { phone: `+1555010020${i}` });
	await assert.rejects(mallory.call("/api/phone", { phone: "+15550100300" }), refusedWith("TOO_MANY_TRIES"));
	for (const phone of ["", "carla", "5550100003", `+1${"5".repeat(50)}`])
		await assert.rejects(mallory.call("/api/phone", { phone }), refusedWith("PHONE_INVALID"));
});

test("a number that changes hands takes nothing along", async () => {
	await using family = await startTestFamily({ features: { ads: true } });
	const { bridge } = family;
	const bob = await family.signUp("Bob");
	await bob.verify(CARLA);
	await bob.choose(true, true);
	const trother = newTrother();
	const values = { phone_number: CARLA };
	assert.deepEqual(await bridge.deliver([await bridge.share(trother, { purpose: "friend_suggestions", values })]), [
		"kept",
	]);
	assert.equal((await family.knows(CARLA)).items.length, 4);
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	assert.deepEqual(
		(await family.knows(CARLA)).items.map(({ purpose, source }) => `${purpose} ${source}`),
		["account self"],
	);
	const { phone } = await bob.call<{ phone: unknown }>("/api/phone");
	assert.equal(phone, null);
});

test("both choices begin unticked, and what is unticked again is over", async () => {
	await using family = await startTestFamily({ features: { ads: true } });
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	assert.doesNotMatch(await carla.page("/phone"), / checked/);
	const uses = async () => (await family.knows(CARLA)).items.map(({ purpose }) => purpose);
	assert.deepEqual(await uses(), ["account"]);
	await carla.choose(true, true);
	assert.deepEqual((await uses()).sort(), ["account", "friend_suggestions", "relevant_ads"]);
	await carla.choose(false, true);
	assert.deepEqual((await uses()).sort(), ["account", "relevant_ads"]);
});
