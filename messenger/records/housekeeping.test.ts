/** What the privacy policy says is forgotten is gone from the records. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KeyService, LIMITS, RegistrationService } from "@troth/protocol";
import type { Kysely } from "kysely";
import { registerAccount, startTestMessenger } from "../_fixture.ts";
import { HOUSEKEEPING_EVERY_MS, sweepRecords } from "./housekeeping.ts";
import type { Records } from "./schema.ts";

const DAY_MS = 24 * 3600_000;
const TABLES = [
	"account",
	"device",
	"code_sent",
	"registration_attempt",
	"registration",
	"key_package",
	"last_resort_key_package",
] as const;

async function counts(records: Kysely<Records>) {
	const entries = TABLES.map(async (table) => {
		const { n } = await records
			.selectFrom(table)
			.select(({ fn }) => fn.countAll<number>().as("n"))
			.executeTakeFirstOrThrow();
		return [table, n];
	});
	return Object.fromEntries(await Promise.all(entries));
}

test("attempts go within the hour, key packages with their life, the memory of a device after a year", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const { clock } = messenger;
	const before = await registerAccount(messenger, "+15550100001", { keyPackages: 3 });
	await before.client(KeyService).countKeyPackages({});
	await registerAccount(messenger, "+15550100001", { keyPackages: 3 });
	await messenger.client(RegistrationService).requestCode({ phone: "+15550100002" });
	await messenger.restart(async ({ records }) => {
		// Of the first account, whose number is somebody else's now, only the memory of its device is left.
		const all = { account: 1, device: 2, code_sent: 3, registration_attempt: 3, registration: 1 };
		const packages = { key_package: 3, last_resort_key_package: 1 };
		await sweepRecords(records, clock.now());
		assert.deepEqual(await counts(records), { ...all, ...packages });
		await sweepRecords(records, clock.now() + LIMITS.codeRequestsMs);
		const hourLater = { ...all, code_sent: 0, registration_attempt: 0 };
		assert.deepEqual(await counts(records), { ...hourLater, ...packages });
		await sweepRecords(records, clock.now() + 31 * DAY_MS);
		const none = { key_package: 0, last_resort_key_package: 0 };
		assert.deepEqual(await counts(records), { ...hourLater, registration: 0, ...none });
		await sweepRecords(records, clock.now() + 365 * DAY_MS);
		assert.deepEqual(await counts(records), { ...hourLater, registration: 0, ...none, device: 1 });
	});
});

test("the server does it by itself", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	await messenger.client(RegistrationService).requestCode({ phone: "+15550100002" });
	messenger.clock.advance(LIMITS.codeRequestsMs);
	// The round that fell due on the way ends, and the next one is set.
	await messenger.restart();
	messenger.clock.advance(HOUSEKEEPING_EVERY_MS);
	await messenger.restart(async ({ records }) => {
		const { code_sent: sent, registration_attempt: attempts } = await counts(records);
		assert.deepEqual([sent, attempts], [0, 0]);
	});
});
