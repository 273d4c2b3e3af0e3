/** An installation from before there was anything to share goes on with what its people accepted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { phaseAt, readStanding, shareKeyOf } from "@troth/bridge";
import { type AccountId, ConsentDecisionSchema } from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { Migrator } from "kysely/migration";
import { accounts } from "./001-accounts.ts";
import { sharing } from "./002-sharing.ts";
import { business } from "./003-business.ts";
import { migrateRecords } from "./migrate.ts";
import type { Records } from "./schema.ts";

test("who accepted version 1 has accepted it, who accepted nothing has not, and both can be shared about", async () => {
	await using records = await openRecords<Records>({ kind: "memory" });
	const before = new Migrator({
		db: records,
		provider: { getMigrations: async () => ({ "001-accounts": accounts }) },
	});
	assert.equal((await before.migrateToLatest()).error, undefined);
	const [alice, bob] = ["a".repeat(32), "b".repeat(32)] as AccountId[];
	assert.ok(alice !== undefined && bob !== undefined);
	const none = new Uint8Array();
	for (const [n, account_id] of [alice, bob].entries())
		await records
			.insertInto("account")
			.values({
				...{ account_id, phone: `+1555010000${n + 1}` as never, identity_key: none, created_at_ms: 10 },
				...{ list_version: 1, list_statement: none, list_signature: none },
			})
			.execute();
	for (const version of [1, 2])
		await records
			.insertInto("terms_acceptance")
			.values({ account_id: alice, version, statement: none, signature: none, accepted_at_ms: 20 * version })
			.execute();
	await migrateRecords(records);

	const ofAlice = await readStanding(records, alice);
	const accepted = { version: 2, atMs: 40, agreedAtMs: new Map() };
	assert.deepEqual([ofAlice.accepted, ofAlice.timeMs, ofAlice.closed], [accepted, 40, false]);
	assert.equal(phaseAt(ofAlice, 50), "ACTIVE");
	const ofBob = await readStanding(records, bob);
	assert.deepEqual([ofBob.accepted, ofBob.timeMs, ofBob.closed], [undefined, 10, false]);
	const key = await shareKeyOf(records, bob, 50);
	assert.deepEqual([key.length, await shareKeyOf(records, bob, 60)], [32, key]);
});

test("people from before there were regions get that of their number, and their answers how they were shown", async () => {
	await using records = await openRecords<Records>({ kind: "memory" });
	const migrations = { "001-accounts": accounts, "002-sharing": sharing, "003-business": business };
	const before = new Migrator({ db: records, provider: { getMigrations: async () => migrations } });
	assert.equal((await before.migrateToLatest()).error, undefined);
	const people = [
		["a".repeat(32), "+15550100001", true],
		["b".repeat(32), "+4930901820", false],
		["c".repeat(32), "+88312345", true],
	] as const;
	const none = new Uint8Array();
	for (const [id, phone, initiallyOn] of people) {
		const account_id = id as AccountId;
		const list = { list_version: 1, list_statement: none, list_signature: none };
		const account = { account_id, phone: phone as never, identity_key: none, created_at_ms: 10, ...list };
		await records.insertInto("account").values(account).execute();
		await records.insertInto("standing").values({ account_id, time_ms: 0 }).execute();
		const decided = { event_id: `event ${id}`, purpose: "relevant_ads", purpose_hash: none, decided_at_ms: 0 };
		const choice = { account_id, state: "granted", generation: 1, ...decided } as const;
		await records.insertInto("consent_choice").values(choice).execute();
		const statement = toBinary(
			ConsentDecisionSchema,
			create(ConsentDecisionSchema, { presentation: { control: "buttons", initiallyOn, place: "notice" } }),
		);
		const signed = { statement, signature: none, receipt_statement: none, receipt_signature: none };
		const evidence = { event_id: `event ${id}`, account_id, ...signed, recorded_at_ms: 0 };
		await records.insertInto("consent_event").values(evidence).execute();
	}
	await migrateRecords(records);
	const told = [];
	for (const [id] of people) {
		const { person, choices } = await readStanding(records, id as AccountId);
		told.push([person.numberRegion, person.declaredRegion, person.minor, choices.get("relevant_ads")?.shownOn]);
	}
	assert.deepEqual(told, [
		["US", undefined, false, true],
		["DE", undefined, false, false],
		[undefined, undefined, false, true],
	]);
});
