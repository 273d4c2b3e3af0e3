/** An installation from before there was anything to share goes on with what its people accepted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { phaseAt, readStanding, shareKeyOf } from "@troth/bridge";
import type { AccountId } from "@troth/protocol";
import { openRecords } from "@troth/storage";
import { Migrator } from "kysely/migration";
import { accounts } from "./001-accounts.ts";
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
	assert.deepEqual([ofAlice.accepted, ofAlice.timeMs, ofAlice.closed], [{ version: 2, atMs: 40 }, 40, false]);
	assert.equal(phaseAt(ofAlice, 50), "ACTIVE");
	const ofBob = await readStanding(records, bob);
	assert.deepEqual([ofBob.accepted, ofBob.timeMs, ofBob.closed], [undefined, 10, false]);
	const key = await shareKeyOf(records, bob, 50);
	assert.deepEqual([key.length, await shareKeyOf(records, bob, 60)], [32, key]);
});
