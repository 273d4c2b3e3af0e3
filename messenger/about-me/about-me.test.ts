/** Whatever the records hold about a person stands on one page: nothing is left out that is not named with a reason. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ABOUT_ME, AboutMeService, AccountService, ConversationService, idBytes, LIMITS } from "@troth/protocol";
import { type Kysely, sql } from "kysely";
import { refusalOf, registerAccount, startTestMessenger } from "../_fixture.ts";
import type { Records } from "../records/schema.ts";
import { fileOf, newDecider, OPERATOR, publish } from "../sharing/_person.ts";
import { ABOUT_NOBODY, LEFT_OUT, SECTIONS_OF } from "./coverage.ts";

/** Sections that are no table. */
const FROM_THE_LOGS = ["conversation"];

async function columnsOf(records: Kysely<Records>): Promise<ReadonlyMap<string, readonly string[]>> {
	const { rows } = await sql<{ table: string; column: string }>`
		select tables.name as "table", columns.name as "column"
		from sqlite_schema as tables, pragma_table_info(tables.name) as columns
		where tables.type = 'table' and tables.name not like 'sqlite_%' and tables.name not like 'kysely_%'
	`.execute(records);
	const grouped = Map.groupBy(rows, ({ table }) => table);
	return new Map([...grouped].map(([table, of]) => [table, of.map(({ column }) => column)]));
}

test("every table and column is on the page, or is named with the reason why not", async () => {
	await using messenger = await startTestMessenger({ stores: "sqlite" });
	await messenger.restart(async ({ records }) => {
		const tables = await columnsOf(records);
		const covered = new Set(FROM_THE_LOGS);
		for (const [table, columns] of tables) {
			if (ABOUT_NOBODY[table] !== undefined) continue;
			const sections = SECTIONS_OF[table] ?? [table];
			const facts = sections.flatMap((kind) => {
				covered.add(kind);
				const section = (ABOUT_ME as Readonly<Record<string, { readonly facts: object }>>)[kind];
				assert.ok(
					section !== undefined,
					`${table} is in neither ABOUT_ME nor ABOUT_NOBODY: say what it is for, and how long`,
				);
				return Object.keys(section.facts);
			});
			const left = Object.keys(LEFT_OUT[table] ?? {});
			// Whose row it is stands above the whole page.
			const own = table === "business_template" ? "business_id" : "account_id";
			const missing = columns.filter((column) => ![...facts, ...left].includes(column) && column !== own);
			assert.deepEqual(missing, [], `${table}: columns without a word`);
			assert.deepEqual(
				facts.filter((fact) => !columns.includes(fact)),
				[],
				`${table}: words without a column`,
			);
		}
		assert.deepEqual(
			Object.keys(ABOUT_ME).filter((kind) => !covered.has(kind)),
			[],
			"sections without a table",
		);
		assert.deepEqual(
			Object.keys({ ...ABOUT_NOBODY, ...LEFT_OUT }).filter((table) => !tables.has(table)),
			[],
		);
	});
});

test("alice sees what was kept of her, and nothing of bob's; the PIN is not among it", async () => {
	await using messenger = await startTestMessenger({ settings: { operatorToken: OPERATOR } });
	await publish(messenger, await fileOf("opt-in"));
	const alice = await newDecider(messenger, "+15550100001");
	const bob = await registerAccount(messenger, "+15550100002");
	await alice.decide({ friend_suggestions: true, relevant_ads: false });
	const own = messenger.client(AccountService, alice.token);
	await own.blockAccount({ accountId: idBytes(bob.account) });
	await own.setRegistrationLock({ pin: "2580ab" });
	await messenger.client(ConversationService, alice.token).listConversations({});
	const { sections, atMs } = await messenger.client(AboutMeService, alice.token).getAboutMe({});
	assert.equal(Number(atMs), messenger.clock.now());
	const rowsOf = (kind: string) => sections.find((section) => section.kind === kind)?.rows ?? [];
	const factsOf = (kind: string) =>
		rowsOf(kind).map(({ facts }) => Object.fromEntries(facts.map(({ name, value }) => [name, value.value])));
	assert.deepEqual(factsOf("account")[0]?.["phone"], "+15550100001");
	assert.deepEqual(factsOf("block"), [{ blocked_account_id: bob.account, created_at_ms: atMs }]);
	assert.deepEqual(
		factsOf("consent_choice").map((row) => [row["purpose"], row["state"]]),
		[
			["friend_suggestions", "granted"],
			["relevant_ads", "refused"],
		],
	);
	assert.deepEqual(Object.keys(factsOf("registration_lock")[0] ?? {}).sort(), [
		"guesses",
		"set_at_ms",
		"wait_until_ms",
	]);
	assert.ok(rowsOf("share_outbox").length > 0);
	const theirs = await bob.client(AboutMeService).getAboutMe({});
	const text = JSON.stringify(theirs, (_key, value) => (typeof value === "bigint" ? `${value}` : value));
	assert.ok(!text.includes(alice.account) && !text.includes("+15550100001"), "who blocked him is hers to say");
	let code = "";
	for (let n = 0; n < LIMITS.aboutMePerHour && code === ""; n++)
		code = await bob
			.client(AboutMeService)
			.getAboutMe({})
			.then(
				() => "",
				() => "refused",
			);
	assert.equal((await refusalOf(bob.client(AboutMeService).getAboutMe({}))).code, "RATE_LIMITED");
});
