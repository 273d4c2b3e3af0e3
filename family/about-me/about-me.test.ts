/** Carla reads everything that is known about her, takes it with her, and goes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { newTrother } from "../_bridge.ts";
import { CallRefused, PASSWORD, startTestFamily } from "../_fixture.ts";

const BOB = "+15550100002";
const CARLA = "+15550100003";

interface Export {
	readonly account: { readonly name: string };
	readonly number: { readonly uses: readonly { readonly purpose: string; readonly source: string }[] };
	readonly shared: { readonly items: readonly { readonly title: string; readonly policyVersion: number }[] };
	readonly social: { readonly posts: readonly { readonly text: string }[] };
}

test("the page and the export say what, from whom, since when, under which policy", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	await carla.choose(true);
	await carla.call("/api/posts", { text: "hello" });
	const share = await bridge.share(newTrother(), { purpose: "friend_suggestions", values: { phone_number: CARLA } });
	await bridge.deliver([share]);
	const page = await carla.page("/about-me");
	for (const text of [
		"suggesting friends",
		"Troth, with your consent",
		"22 November 2026",
		"policy 2",
		"Suggest friends",
	])
		assert.ok(page.includes(text), text);
	assert.doesNotMatch(page, /5550100003/);
	const all = await carla.call<Export>("/api/about-me");
	assert.equal(all.account.name, "Carla");
	assert.deepEqual(all.number.uses.map(({ source }) => source).sort(), ["self", "share"]);
	assert.deepEqual(
		all.shared.items.map(({ title, policyVersion }) => [title, policyVersion]),
		[["Suggest friends", 2]],
	);
	assert.deepEqual(
		all.social.posts.map(({ text }) => text),
		["hello"],
	);
	const file = await carla.browse("/about-me.json");
	assert.match(file.headers.get("content-disposition") ?? "", /attachment/);
});

test("who deletes the account is gone, for others too, and needs the password for it", async () => {
	await using family = await startTestFamily();
	const { bridge } = family;
	const bob = await family.signUp("Bob");
	const carla = await family.signUp("Carla");
	for (const [person, own, other] of [
		[bob, BOB, CARLA],
		[carla, CARLA, BOB],
	] as const) {
		await person.verify(own);
		await person.choose(true);
		await person.upload(other);
	}
	const trother = newTrother();
	const share = () => bridge.share(trother, { purpose: "friend_suggestions", values: { phone_number: CARLA } });
	assert.deepEqual(await bridge.deliver([await share()]), ["kept"]);
	assert.deepEqual([...(await bob.suggestions()).keys()], ["Carla"]);
	await carla.call("/api/friends/request", { email: bob.email });
	await assert.rejects(
		carla.call("/api/delete-account", { password: "wrong password" }),
		(error) => error instanceof CallRefused && error.code === "LOG_IN_WRONG",
	);
	await carla.call("/api/delete-account", { password: PASSWORD });
	await assert.rejects(carla.call("/api/me"));
	assert.deepEqual(await bob.call("/api/friends"), { friends: [], asking: [], asked: [] });
	assert.deepEqual([...(await bob.suggestions()).keys()], []);
	assert.deepEqual(await family.knows(CARLA), { known: false, items: [] });
	assert.deepEqual(await bridge.deliver([await share()]), ["dropped"]);
});

test("a share is over when its retention is, and minors' numbers are not taken for ads", async () => {
	await using family = await startTestFamily({ features: { ads: true } });
	const { bridge } = family;
	const carla = await family.signUp("Carla");
	await carla.verify(CARLA);
	const minor = await family.signUp("Mia", 2010);
	await minor.verify("+15550100007");
	const ads = (phone_number: string) =>
		bridge.share(newTrother(), { purpose: "relevant_ads", values: { phone_number } });
	assert.deepEqual(await bridge.deliver([await ads(CARLA), await ads("+15550100007")]), ["kept", "dropped"]);
	const shares = async () => (await family.knows(CARLA)).items.filter(({ source }) => source === "share").length;
	family.clock.advance(179 * 24 * 3600_000);
	await family.knows(CARLA);
	assert.equal(await shares(), 1);
	family.clock.advance(2 * 24 * 3600_000);
	// Housekeeping was started on the way; its transaction comes before the next question.
	await family.knows(CARLA);
	assert.equal(await shares(), 0);
});
