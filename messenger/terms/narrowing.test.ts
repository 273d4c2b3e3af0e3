/** A version that takes something away takes it from everybody, at once, exactly once, whatever happens to the job. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type ConsentTables, Narrowing, noteNarrowing, type Policy } from "@troth/bridge";
import { policyOf } from "@troth/bridge/_policies.ts";
import { type AccountId, fromHex } from "@troth/protocol";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import type { Kysely, KyselyPlugin } from "kysely";
import { startTestMessenger } from "../_fixture.ts";
import type { RolloutOverview } from "../operator/rollout.ts";
import { fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";
import { openStores } from "../stores.ts";
import { makeCrowd } from "./_crowd.ts";

const PURPOSE = "friend_suggestions";
const YES = { id: PURPOSE, basis: "consent", wording: 1, recipients: ["family", "photos"] } as const;
const FIRST = policyOf(1, [YES]);
const SECOND = policyOf(2, [{ ...YES, recipients: ["family"] }]);

/** Every third of a crowd said yes under version 1; version 2 names one recipient less. */
async function crowdWithYeses(records: Kysely<ConsentTables>): Promise<readonly AccountId[]> {
	const rows = await records.selectFrom("standing").select("account_id").orderBy("account_id").execute();
	const yes = rows.map((row) => row.account_id).filter((_, n) => n % 3 === 0);
	const purposeHash = fromHex(FIRST.purposes.get(PURPOSE)?.hash ?? "") ?? new Uint8Array();
	for (const account_id of yes) {
		const choice = { purpose: PURPOSE, state: "granted", purpose_hash: purposeHash, generation: 1 } as const;
		await records
			.insertInto("consent_choice")
			.values({ account_id, ...choice, decided_at_ms: 0, event_id: "" })
			.execute();
		for (const recipient of YES.recipients) {
			const signed = { statement: new Uint8Array(), signature: new Uint8Array() };
			const grant = { account_id, purpose: PURPOSE, recipient, generation: 1 };
			await records
				.insertInto("consent_grant")
				.values({ ...grant, ...signed })
				.execute();
		}
	}
	await records.transaction().execute((transaction) => noteNarrowing(transaction, 2, 0));
	return yes;
}

const termsOf = (...policies: readonly [Policy, ...Policy[]]) => ({
	current: policies.at(-1) ?? policies[0],
	version: (version: number) => policies.find((policy) => policy.version === version),
	versions: policies.map((policy) => ({ policy })),
});

/** Is told of every statement, by its number. */
function watching(look: (n: number) => void): KyselyPlugin {
	let n = 0;
	return {
		transformQuery({ node }) {
			look(++n);
			return node;
		},
		transformResult: async ({ result }) => result,
	};
}

test("what many yeses end costs as many statements as what a few end", async () => {
	const statements = async (accounts: number) => {
		await using stores = await openStores({ kind: "memory" });
		const clock = new ManualClock();
		await makeCrowd(stores, { accounts, nowMs: clock.now() });
		const records = stores.records as unknown as Kysely<ConsentTables>;
		const yes = await crowdWithYeses(records);
		let asked = 0;
		const watched = records.withPlugin(
			watching((n) => {
				asked = n;
			}),
		);
		const ended = { accounts: 0 };
		const events = { termsNarrowed: (figures: object) => Object.assign(ended, figures) };
		await using narrowing = new Narrowing({ clock, records: watched, terms: termsOf(FIRST, SECOND), events });
		await narrowing.run();
		assert.equal(ended.accounts, yes.length);
		return asked;
	};
	assert.equal(await statements(150), await statements(6));
});

test("a run that breaks off in any slice takes from nobody twice, and forgets nobody", async () => {
	await using stores = await openStores({ kind: "memory" });
	const clock = new ManualClock();
	await makeCrowd(stores, { accounts: 200, nowMs: clock.now() });
	const records = stores.records as unknown as Kysely<ConsentTables>;
	const yes = await crowdWithYeses(records);
	// Now and then, in the middle of a slice, the machine goes down: after rows were written, before they are kept.
	let broken = 0;
	const failing = records.withPlugin(
		watching((n) => {
			if (n % 13 !== 0) return;
			broken++;
			throw new Error("the power fails");
		}),
	);
	const told: unknown[] = [];
	const events = { termsNarrowed: (figures: unknown) => told.push(figures) };
	const terms = termsOf(FIRST, SECOND);
	for (;;) {
		await using narrowing = new Narrowing({ clock, records: failing, terms, events, accountsAtOnce: 30 });
		const ended = await narrowing.run().then(
			() => true,
			(error: Error) => assert.match(error.message, /power/),
		);
		if (ended === true) break;
	}
	assert.ok(broken > 3);
	const rows = await records.selectFrom("share_outbox").selectAll().orderBy("id").execute();
	assert.deepEqual(
		rows
			.map(({ account_id, kind, recipient, generation }) => `${account_id} ${kind} ${recipient} ${generation}`)
			.sort(),
		yes.flatMap((account) => YES.recipients.map((recipient) => `${account} recall ${recipient} 1`)).sort(),
	);
	assert.deepEqual(told, [{ version: 2, accounts: yes.length, yeses: yes.length, recalls: 2 * yes.length }]);
	const choices = await records.selectFrom("consent_choice").select("state").distinct().execute();
	assert.deepEqual(choices, [{ state: "withdrawn" }]);
	// Again, nothing.
	await using narrowing = new Narrowing({ clock, records, terms, events });
	await narrowing.run();
	assert.equal((await records.selectFrom("share_outbox").selectAll().execute()).length, rows.length);
});

test("a version that takes nothing away looks at nobody; one that is not there yet is waited for", async () => {
	await using stores = await openStores({ kind: "memory" });
	const clock = new ManualClock();
	await makeCrowd(stores, { accounts: 10, nowMs: clock.now() });
	const records = stores.records as unknown as Kysely<ConsentTables>;
	await crowdWithYeses(records);
	const events = { termsNarrowed() {} };
	await using early = new Narrowing({ clock, records, terms: termsOf(FIRST), events });
	await early.run();
	const progress = () => records.selectFrom("terms_narrowing").selectAll().executeTakeFirstOrThrow();
	assert.equal((await progress()).ended_at_ms, null);
	await using narrowing = new Narrowing({ clock, records, terms: termsOf(FIRST, policyOf(2, [YES])), events });
	await narrowing.run();
	const { after_account, ended_at_ms, recalls } = await progress();
	assert.deepEqual([after_account, ended_at_ms === null, recalls], ["", false, 0]);
});

test("alice does nothing, and what version 3 takes away is recalled; the operator reads how much that was", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite", settings: { operatorToken: OPERATOR } });
	await publish(messenger, await fileOf("opt-in"));
	const alice = await newDecider(messenger, "+15550100001");
	const bob = await newDecider(messenger, "+15550100002");
	await alice.decide({ friend_suggestions: true, relevant_ads: true });
	await bob.decide({ friend_suggestions: false });
	const file = await fileOf("opt-in", 3);
	const purposes = (file["purposes"] as { id: string }[]).filter(({ id }) => id !== "relevant_ads");
	assert.equal((await publish(messenger, { ...file, purposes })).status, 422, "the texts have to go with it");
	const locales = structuredClone(file["locales"]) as Record<string, { purposes: Record<string, unknown> }>;
	for (const { purposes: texts } of Object.values(locales)) delete texts["relevant_ads"];
	assert.equal((await publish(messenger, { ...file, purposes, locales })).status, 201);
	const rollout = async () => {
		const response = await fetch(`${messenger.url}/operator/rollout`, {
			headers: { authorization: `Bearer ${OPERATOR}` },
		});
		const { versions } = (await response.json()) as RolloutOverview;
		return versions[0]?.tookAway;
	};
	while ((await rollout())?.endedAtMs === undefined) await new Promise((resolve) => setImmediate(resolve));
	assert.deepEqual(await rollout(), { accounts: 1, yeses: 1, recalls: 1, endedAtMs: messenger.clock.now() });
	assert.equal(await alice.choice("relevant_ads"), "WITHDRAWN 1");
	assert.equal(await alice.choice("friend_suggestions"), "GRANTED 1", "its words are the same");
});
