/** Who is suggested to whom, why, and when no more. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { newTrother } from "../_bridge.ts";
import { startTestFamily, type TestFamily, type TestPerson } from "../_fixture.ts";

const DAY_MS = 24 * 3600_000;

let family: TestFamily;
let last = 0;
before(async () => {
	family = await startTestFamily();
});
after(() => family[Symbol.asyncDispose]());

const nextNumber = () => `+1555010${String(1000 + ++last)}`;
const names = async (person: TestPerson) => [...(await person.suggestions()).keys()];

/** Two people with numbers of their own, proved and allowed. */
async function pair(): Promise<readonly [TestPerson, string, TestPerson, string]> {
	const [one, other] = [nextNumber(), nextNumber()];
	const a = await family.signUp(`Ann${last}`);
	const b = await family.signUp(`Ben${last}`);
	await a.verify(one);
	await b.verify(other);
	return [a, one, b, other];
}

test("both need the other's number, both need a yes, and it ends when one of these does", async () => {
	const [ann, annNumber, ben, benNumber] = await pair();
	const seen = async () => [await names(ann), await names(ben)];
	const none = [[], []];
	const both = [[ben.name], [ann.name]];
	await ann.upload(benNumber);
	await ann.choose(true);
	await ben.choose(true);
	assert.deepEqual(await seen(), none);
	await ben.upload(annNumber);
	assert.deepEqual(await seen(), both);
	await ben.choose(false);
	assert.deepEqual(await seen(), none);
	await ben.choose(true);
	assert.deepEqual(await seen(), both);
	await ben.upload(nextNumber());
	assert.deepEqual(await seen(), none);
	await ben.upload(annNumber);
	await ann.call("/api/address-book/delete", {});
	assert.deepEqual(await seen(), none);
	await ann.upload(benNumber);
	await ann.call("/api/phone/remove", {});
	assert.deepEqual(await seen(), none);
});

test("an address book is over after 30 days, and so is what came from it", async () => {
	const [ann, annNumber, ben, benNumber] = await pair();
	for (const person of [ann, ben]) await person.choose(true);
	await ann.upload(benNumber);
	await ben.upload(annNumber);
	assert.deepEqual(await names(ann), [ben.name]);
	family.clock.advance(29 * DAY_MS);
	assert.deepEqual(await names(ann), [ben.name]);
	assert.notEqual(await ann.call("/api/address-book"), null);
	family.clock.advance(DAY_MS);
	// Sessions live as long: a new one, as a person would open.
	const { token } = await family.call<{ token: string }>("/api/log-in", {
		email: ann.email,
		password: "correct horse battery",
	});
	assert.equal(await family.call("/api/address-book", undefined, token), null);
	const { suggestions } = await family.call<{ suggestions: readonly unknown[] }>("/api/suggestions", undefined, token);
	assert.deepEqual(suggestions, []);
});

test("the switches work both ways", async () => {
	const [ann, annNumber, ben, benNumber] = await pair();
	for (const person of [ann, ben]) await person.choose(true);
	await ann.upload(benNumber);
	await ben.upload(annNumber);
	await ann.call("/api/settings", { suggestMe: false, suggestToMe: true });
	assert.deepEqual([await names(ann), await names(ben)], [[ben.name], []]);
	await ann.call("/api/settings", { suggestMe: true, suggestToMe: false });
	assert.deepEqual([await names(ann), await names(ben)], [[], [ann.name]]);
	await ann.call("/api/settings", { suggestMe: true, suggestToMe: true });
	await ann.call("/api/friends/request", { person: ben.person });
	assert.deepEqual([await names(ann), await names(ben)], [[], []]);
	await ben.call("/api/friends/accept", { person: ann.person });
	await ben.call("/api/friends/remove", { person: ann.person });
	assert.deepEqual(await names(ann), [ben.name]);
});

test("friends of friends, by name, with numbers of nobody", async () => {
	const [ann, , ben] = await pair();
	const [carla, , dave] = await pair();
	await ann.befriend(ben);
	await ben.befriend(carla);
	assert.equal((await ann.suggestions()).get(carla.name), `${ben.name} is friends with both of you.`);
	await ann.befriend(dave);
	await dave.befriend(carla);
	assert.match((await ann.suggestions()).get(carla.name) ?? "", / and .* are friends with both of you\.$/);
	await carla.call("/api/settings", { suggestMe: false, suggestToMe: true });
	assert.deepEqual(await names(ann), []);
});

test("the reason tells nobody how the other one's number came to be known here", async () => {
	const [ann, annNumber, ben, benNumber] = await pair();
	const trother = newTrother();
	await ben.choose(true);
	await ann.upload(benNumber);
	await ben.upload(annNumber);
	const share = await family.bridge.share(trother, {
		purpose: "friend_suggestions",
		values: { phone_number: annNumber },
	});
	assert.deepEqual(await family.bridge.deliver([share]), ["kept"]);
	const told = (await ben.suggestions()).get(ann.name) ?? "";
	assert.doesNotMatch(told, /Troth|consent|share/i);
	assert.doesNotMatch(await ben.page("/friends"), /Troth shared|let Troth share/);
	assert.match((await ann.suggestions()).get(ben.name) ?? "", /you let Troth share your number/);
	// The same suggestion, had ann given the number here: ben reads the same words.
	await family.bridge.deliver([await family.bridge.recall(trother, "friend_suggestions")]);
	assert.deepEqual(await names(ben), []);
	await ann.choose(true);
	assert.equal((await ben.suggestions()).get(ann.name), told);
	// Recalled while her own yes stands, the suggestion stays.
	const again = await family.bridge.share(trother, {
		purpose: "friend_suggestions",
		generation: 2,
		values: { phone_number: annNumber },
	});
	assert.deepEqual(await family.bridge.deliver([again]), ["kept"]);
	await family.bridge.deliver([await family.bridge.recall(trother, "friend_suggestions", 2)]);
	assert.equal((await ben.suggestions()).get(ann.name), told);
});
