/** What needs nobody's yes goes through the same door: proved, narrow, under another name, and taken back on objection. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toHex } from "@troth/protocol";
import { linkOf, numberPseudonym, openShareProof, quarterlySubjectAt, subjectAt } from "@troth/transparency";
import { checkPublished } from "../../web/auditor/check-published.ts";
import { INSTALLATION } from "../consent/installation.ts";
import { gotBy, startWorld, type TestWorld, told } from "./_door.ts";
import { type Person, policyOf } from "./_people.ts";

const ALICE = "+15550100001";
const WEEK = 7;
const DAY_MS = 24 * 3600 * 1000;
const PAIR_KEY = new Uint8Array(32).fill(5);

const interest = { basis: "legitimate_interest", initial: "off", objection: true, retentionDays: 400 } as const;
const policy = policyOf(1, (file) => {
	const { locales } = file as { locales: { en: { documents: object[]; purposes: object } } };
	const added = ["usage_metrics", "infrastructure", "spam_and_abuse"];
	const { en } = locales;
	return {
		purposes: [
			...(file["purposes"] as object[]),
			{ ...interest, id: "usage_metrics", fields: ["last_used_day", "usage_class"], recipients: ["family", "photos"] },
			{ ...interest, id: "infrastructure", fields: ["counts"], recipients: ["family"], objection: false },
			{ ...interest, id: "spam_and_abuse", fields: ["label", "score_class"], recipients: ["family"], objection: false },
		],
		locales: {
			en: {
				...en,
				documents: [
					...en.documents.slice(0, 1),
					{
						id: "privacy",
						title: "Privacy",
						body: "Family Photos friend_suggestions relevant_ads account_linking usage_metrics infrastructure spam_and_abuse",
					},
				],
				purposes: { ...en.purposes, ...Object.fromEntries(added.map((id) => [id, { title: id, body: "Why." }])) },
			},
		},
	};
});

/** As the messenger's weekly job says it. */
async function say({ records, clock }: TestWorld, { account }: Person, recipient = "family"): Promise<number> {
	const generation = Math.floor(clock.now() / DAY_MS);
	const row = { account_id: account, generation, last_used_day: "2026-11-22", usage_class: "light" as const };
	await records.db
		.insertInto("usage_said")
		.values(row)
		.onConflict((conflict) => conflict.column("account_id").doUpdateSet(row))
		.execute();
	const share = { account_id: account, kind: "share", purpose: "usage_metrics", recipient, generation } as const;
	await records.db
		.insertInto("share_outbox")
		.values({ ...share, created_at_ms: clock.now() })
		.execute();
	return generation;
}

test("use is said under a name of the quarter, without a yes, and stands in the person's chain", async () => {
	await using world = await startWorld({ policy, witnessed: true });
	const alice = await world.records.register(ALICE);
	const first = await say(world, alice);
	await world.tick();
	assert.deepEqual(gotBy(world.family), [`share usage_metrics ${first} kept last_used_day,usage_class`]);
	const [{ share, n } = {}] = await world.sharesOf(alice);
	assert.ok(share !== undefined);
	const { record } = openShareProof(share, world.trust);
	assert.equal(record.grant, "");
	assert.equal(toHex(share.chain), toHex(linkOf(alice.shareKey, n ?? 0)));
	const named = (quarter: string) => toHex(quarterlySubjectAt(alice.shareKey, "family", "usage_metrics", quarter));
	assert.equal(record.subject, named("2026-Q4"));
	assert.notEqual(record.subject, toHex(subjectAt(alice.shareKey, "family")));
	world.clock.advance(70 * DAY_MS);
	await say(world, alice);
	await world.tick();
	const [, { share: later } = {}] = await world.sharesOf(alice);
	assert.equal(later && openShareProof(later, world.trust).record.subject, named("2027-Q1"));
});

test("an objection stops it at once and takes back every name of hers; what is said after it is not heard", async () => {
	await using world = await startWorld({ policy });
	const alice = await world.records.register(ALICE);
	for (const _time of [1, 2, 3]) {
		await say(world, alice);
		await say(world, alice, "photos");
		await world.tick();
		world.clock.advance(20 * DAY_MS);
	}
	assert.equal(world.family.kept.size, 2, "two quarters, two names");
	await alice.refuse("usage_metrics");
	await say(world, alice);
	await world.tick();
	assert.deepEqual([world.family.kept.size, world.photos.kept.size], [0, 0]);
	const recalls = gotBy(world.family).filter((line) => line.startsWith("recall"));
	assert.equal(recalls.length, 2);
	assert.ok(recalls.every((line) => line.endsWith("recalled")));
	await say(world, alice);
	await world.tick();
	assert.equal(world.family.kept.size, 0);
	assert.ok(world.log.some((line) => line.includes("REFUSED")));
});

test("who objects while it waits is not said anything of any more, and a newer word replaces what waits", async () => {
	await using world = await startWorld({ policy, witnessed: true });
	const alice = await world.records.register(ALICE);
	await world.witness?.goAway();
	await say(world, alice);
	await world.tick();
	world.clock.advance(WEEK * DAY_MS);
	const newer = await say(world, alice);
	await world.tick();
	await world.witness?.comeBack();
	await world.until(() => world.family.taken.length > 0);
	assert.deepEqual(gotBy(world.family), [`share usage_metrics ${newer} kept last_used_day,usage_class`]);
	assert.deepEqual(told(await world.sharesOf(alice)), ["1 WITHHELD", "2 ANSWERED KEPT"]);
	await world.witness?.goAway();
	world.clock.advance(WEEK * DAY_MS);
	await say(world, alice);
	await world.tick();
	await alice.refuse("usage_metrics");
	await world.witness?.comeBack();
	await world.until(() => world.log.filter((line) => line.includes('"withheld"')).length === 2);
	assert.equal(world.family.kept.size, 0);
});

test("an account that ends takes back what was said of its use", async () => {
	await using world = await startWorld({ policy });
	const alice = await world.records.register(ALICE);
	await say(world, alice);
	await world.tick();
	assert.equal(world.family.kept.size, 1);
	await alice.leave();
	await world.tick();
	assert.equal(world.family.kept.size, 0);
});

test("before a person accepted the version with the purpose nothing is said of them, nor while they are suspended", async () => {
	await using world = await startWorld();
	const alice = await world.records.register(ALICE);
	await world.records.publish(policyOf(2, () => ({ ...policy.file, version: 2 })));
	await alice.seeNotice();
	await say(world, alice);
	await world.tick();
	world.clock.advance(31 * DAY_MS);
	await say(world, alice);
	await world.tick();
	assert.deepEqual(world.family.requests, []);
	await alice.accept();
	await say(world, alice);
	await world.tick();
	assert.equal(world.family.kept.size, 1);
});

interface PublishedShare {
	readonly leaf: number;
	readonly state: string;
	readonly values: object;
	readonly record: string;
	readonly salt: string;
	readonly chain: string;
	readonly context: string;
	readonly proof: string;
}

test("what is about nobody has a chain of its own, and no account can be put in its place", async () => {
	await using world = await startWorld({ policy });
	const { db } = world.records;
	const alice = await world.records.register(ALICE);
	const counts = JSON.stringify({ day: "2026-11-21", cells: [] });
	await db.insertInto("delivery_day").values({ day: 20778, counts }).execute();
	for (const [account_id, purpose] of [
		[INSTALLATION, "infrastructure"],
		[alice.account, "infrastructure"],
		[INSTALLATION, "spam_and_abuse"],
	] as const)
		await db
			.insertInto("share_outbox")
			.values({ account_id, kind: "share", purpose, recipient: "family", generation: 20778, created_at_ms: 0 })
			.execute();
	await world.tick();
	assert.deepEqual(gotBy(world.family), ["share infrastructure 20778 kept counts"]);
	assert.equal(world.log.filter((line) => line.includes("WRONG_ACCOUNT")).length, 2);
	assert.deepEqual(await world.sharesOf(alice), []);
	// And everybody can read it, with what opens its leaf.
	const { shares } = (await (await fetch(`${world.door.url}/published.json`)).json()) as { shares: PublishedShare[] };
	assert.deepEqual(
		shares.map(({ state, values }) => [state, values]),
		[["kept", { counts }]],
	);
	const [{ record, salt, chain, context, proof } = {} as PublishedShare] = shares;
	const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
	const opened = openShareProof(
		{
			...{ record: new TextEncoder().encode(record), salt: bytes(salt), chain: bytes(chain), context: bytes(context) },
			proof: new Uint8Array(Buffer.from(proof, "base64")),
		},
		world.trust,
	);
	assert.deepEqual([opened.record.purpose, opened.record.fields], ["infrastructure", ["counts"]]);
});

test("sums of use go out about nobody, also where a rule allows nothing else, and everybody can read them", async () => {
	const everywhere = { regions: ["*"], minorBelow: 18, optOut: false, usageMetrics: "aggregates" };
	await using world = await startWorld({ policy: policyOf(1, () => ({ ...policy.file, rules: [everywhere] })) });
	const { db } = world.records;
	const alice = await world.records.register(ALICE);
	const sums = JSON.stringify({ week: "2026-11-16", people: { light: 20 } });
	const [monday, sunday] = [20773, 20779];
	await db.insertInto("usage_week").values({ week: monday, sums }).execute();
	const share = { kind: "share", purpose: "usage_metrics", recipient: "family", created_at_ms: 0 } as const;
	await db
		.insertInto("share_outbox")
		.values({ ...share, account_id: INSTALLATION, generation: sunday })
		.execute();
	await say(world, alice);
	await world.tick();
	assert.deepEqual(gotBy(world.family), [`share usage_metrics ${sunday} kept usage_class`]);
	assert.equal(world.log.filter((line) => line.includes("AGGREGATES_ONLY")).length, 1, "alice, by herself");
	const { shares } = (await (await fetch(`${world.door.url}/published.json`)).json()) as { shares: PublishedShare[] };
	const leaf = shares[0]?.leaf;
	assert.deepEqual(
		shares.map(({ values }) => values),
		[{ usage_class: sums }],
	);
	// The auditor's page reads them out, and sees where one is not what its leaf says.
	const read = async (change: (text: string) => string) => {
		const get = async (url: string) => new Response(change(await (await fetch(url)).text()));
		const log = { name: "shares", url: world.door.url, vkey: world.trust.log };
		return (await checkPublished(log, world.trust, get)).slice(1);
	};
	const [finding] = await read((text) => text);
	assert.deepEqual(finding, {
		state: "holds",
		text: `Week from 2026-11-16, where only sums may be told: 20 there lightly. It went to family, and leaf ${leaf} of the log says so.`,
	});
	const [renamed] = await read((text) => text.replaceAll('usage_class":', 'counts":'));
	assert.equal(renamed?.state, "fails");
	const [forged] = await read((text) => text.replace(/"salt":"../, '"salt":"00'));
	assert.match(forged?.text ?? "", /its log does not prove/);
});

test("a number's name is the recipient's own, and where the two have no key nothing is shared under one", async () => {
	assert.notDeepEqual(numberPseudonym(PAIR_KEY, ALICE), numberPseudonym(new Uint8Array(32).fill(6), ALICE));
	assert.throws(() => numberPseudonym(new Uint8Array(31), ALICE), RangeError);
});
