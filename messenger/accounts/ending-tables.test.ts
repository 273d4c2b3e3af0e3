/**
 * An account that ends leaves nothing behind but what the docs name: a row of hers is put into every table that can hold
 * one, whatever it is for, and then she goes. A table that somebody adds is in this test already.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { AccountDeletionSchema, AccountService, idBytes, LABELS, LIMITS, ProfileService } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import { registerAccount, startTestMessenger, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { signStatement } from "../_identities.ts";
import type { Records } from "../records/schema.ts";

const ALICE = "+15550100001";

/** What outlives an account, and why (`docs/threat-model.md`, "What is left of an account"). */
const LEFT: Readonly<Record<string, string>> = {
	"device.account_id": "ids that never come back, for a year",
	"share_outbox.account_id": "what has to be called back",
	"operator_audit.account_id": "that the operator looked",
	"terms_rollout.after_account": "a position",
	"terms_rollout.until_account": "a position",
	"terms_reminder.after_account": "a position",
	"terms_reminder.until_account": "a position",
	"terms_narrowing.after_account": "a position",
};

interface Column {
	readonly table: string;
	readonly column: string;
	readonly type: string;
	readonly running: number;
}

/** Columns that hold whose row it is, or who it is about. */
const isPerson = ({ column }: Column) =>
	/(^|_)account(_id)?$/.test(column) || ["business_id", "contact_id", "blocked_account_id"].includes(column);

async function columnsOf(records: Kysely<Records>): Promise<readonly Column[]> {
	const { rows } = await sql<Column>`
		select tables.name as "table", columns.name as "column", lower(columns.type) as "type",
			columns.type = 'integer' and columns.pk = 1 as "running"
		from sqlite_schema as tables, pragma_table_info(tables.name) as columns
		where tables.type = 'table' and tables.name not like 'sqlite_%' and tables.name not like 'kysely_%'
	`.execute(records);
	return rows;
}

/** Parts belong to it. */
const ARCHIVE = "a5".repeat(16);
const deletionOf = ({ account, device, signer }: TestAccount) => ({
	deletion: signStatement(signer, LABELS.accountDeletion, AccountDeletionSchema, {
		accountId: idBytes(account),
		deviceId: idBytes(device),
	}),
});

let unique = 1_000_000;

/** A row with the account in this column, and something in every other. */
async function plant(
	records: Kysely<Records>,
	columns: readonly Column[],
	person: Column,
	{ account, device }: TestAccount,
): Promise<void> {
	const filled = columns.filter(({ table }) => table === person.table).filter(({ running }) => running === 0);
	const values = filled.map(({ column, type }) => {
		if (column === person.column) return account;
		if (column === "device_id") return device;
		if (column === "archive_id") return ARCHIVE;
		if (type === "bytea" || type === "blob") return randomBytes(8);
		return type === "text" ? randomBytes(16).toString("hex") : unique++;
	});
	await sql`
		insert or ignore into ${sql.table(person.table)} (${sql.join(filled.map(({ column }) => sql.ref(column)))})
		values (${sql.join(values)})
	`.execute(records);
}

const ENDS: Readonly<Record<string, (messenger: TestMessenger, alice: TestAccount) => Promise<unknown>>> = {
	"she deletes it": async (messenger, alice) =>
		messenger.client(AccountService, await alice.login()).deleteAccount(deletionOf(alice)),
	"her number is registered anew": (messenger) => {
		// One of the rows is a lock.
		messenger.clock.advance(LIMITS.registrationLockMs);
		return registerAccount(messenger, ALICE);
	},
};

for (const [how, end] of Object.entries(ENDS))
	test(`of a row in every table that can name her, only what the docs name is left when ${how}`, async () => {
		await using messenger = await startTestMessenger({ stores: "sqlite" });
		const alice = await registerAccount(messenger, ALICE);
		await registerAccount(messenger, "+15550100002");
		let people: readonly Column[] = [];
		await messenger.restart(async ({ records }) => {
			const columns = await columnsOf(records);
			people = columns.filter(isPerson);
			assert.ok(people.length > 30);
			// The account itself is there; tasks under way would be carried out.
			const planted = people.filter(({ table }) => table !== "account" && table !== "delivery_task");
			for (const person of planted) await plant(records, columns, person, alice);
		});
		await end(messenger, alice);
		await messenger.restart(async ({ records }) => {
			const left: string[] = [];
			for (const { table, column } of people) {
				const { rows } = await sql`
				select 1 from ${sql.table(table)} where ${sql.ref(column)} = ${alice.account} limit 1
			`.execute(records);
				if (rows.length > 0) left.push(`${table}.${column}`);
			}
			assert.deepEqual(left.sort(), Object.keys(LEFT).sort());
		});
	});

test("and in no file is her number, nor any byte of her picture", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	const alice = await registerAccount(messenger, ALICE);
	const ciphertext = randomBytes(5000);
	await alice.client(ProfileService).putProfilePhoto({ photoId: randomBytes(32), ciphertext });
	const { directory } = messenger;
	assert.ok((await traces(directory, ciphertext)).length > 0 && (await traces(directory, ALICE)).length > 0);
	await alice.client(AccountService).deleteAccount(deletionOf(alice));
	assert.deepEqual(await traces(directory, ALICE), []);
	assert.deepEqual(await traces(directory, ciphertext.subarray(100, 200)), []);
});

/** Files that hold these bytes. */
async function traces(directory: string | undefined, what: string | Buffer): Promise<readonly string[]> {
	assert.ok(directory !== undefined);
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
	const found: string[] = [];
	for (const file of files) if ((await readFile(file)).includes(what)) found.push(file);
	return found;
}
