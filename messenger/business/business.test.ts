/** Businesses at the server: who is one, what people decided, and that only they can have decided it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	BusinessCategory,
	BusinessPermission,
	BusinessPreferenceStatementSchema,
	BusinessService,
	idBytes,
	LABELS,
	type Label,
	type LogId,
	type TemplateSchema,
	toHex,
} from "@troth/protocol";
import { refusalOf, registerAccount, startTestMessenger, type TestAccount, type TestMessenger } from "../_fixture.ts";
import { signStatement } from "../_identities.ts";
import { sweepRecords } from "../records/housekeeping.ts";
import { SERVICE_WINDOW_MS } from "./category-rule.ts";

const { MARKETING, UTILITY } = BusinessCategory;
const { ALLOWED, STOPPED, UNSET } = BusinessPermission;
const OPERATOR = { authorization: "Bearer operator", "content-type": "application/json" };

async function approve(messenger: TestMessenger, phone: string, name = "Corner Shop") {
	return fetch(`${messenger.url}/operator/businesses`, {
		method: "POST",
		headers: OPERATOR,
		body: JSON.stringify({ phone, name }),
	});
}

interface Decision {
	readonly by: TestAccount;
	readonly about: TestAccount;
	readonly permission?: BusinessPermission;
	readonly category?: BusinessCategory;
	readonly atMs?: number;
	readonly label?: Label;
	readonly signedBy?: TestAccount;
}

function sign(messenger: TestMessenger, { by, about, atMs, label, signedBy = by, ...said }: Decision) {
	const statement: MessageInitShape<typeof BusinessPreferenceStatementSchema> = {
		accountId: idBytes(by.account),
		deviceId: idBytes(by.device),
		businessAccount: idBytes(about.account),
		category: said.category ?? MARKETING,
		permission: said.permission ?? ALLOWED,
		decidedAtMs: BigInt(atMs ?? messenger.clock.now()),
	};
	return signStatement(
		signedBy.signer,
		label ?? LABELS.businessPreference,
		BusinessPreferenceStatementSchema,
		statement,
	);
}

const story = (
	name: string,
	tell: (messenger: TestMessenger, shop: TestAccount, alice: TestAccount) => Promise<void>,
) =>
	test(name, async () => {
		await using messenger = await startTestMessenger({ stores: "sqlite", settings: { operatorToken: "operator" } });
		const shop = await registerAccount(messenger, "+15550100001");
		const alice = await registerAccount(messenger, "+15550100002");
		await tell(messenger, shop, alice);
	});

story("the operator approves an account, and only the operator", async (messenger, shop, alice) => {
	const anonymous = await fetch(`${messenger.url}/operator/businesses`, { method: "POST", body: "{}" });
	assert.equal(anonymous.status, 401);
	assert.deepEqual((await alice.client(BusinessService).listBusinesses({})).businesses, []);
	const answer = await approve(messenger, shop.phone, "  Corner Shop ");
	assert.equal(answer.status, 201);
	assert.deepEqual(await answer.json(), {
		account: shop.account,
		name: "Corner Shop",
		approvedAt: messenger.clock.now(),
	});
	const approvedAtMs = BigInt(messenger.clock.now());
	messenger.clock.advance(1000);
	assert.equal((await approve(messenger, shop.phone, "Corner Shop Ltd")).status, 201);
	const { businesses } = await alice.client(BusinessService).listBusinesses({});
	assert.deepEqual(
		businesses.map(({ accountId, name, phone, approvedAtMs: at }) => ({ account: toHex(accountId), name, phone, at })),
		[{ account: shop.account, name: "Corner Shop Ltd", phone: shop.phone, at: approvedAtMs }],
	);
	for (const [phone, name] of [
		["+15550109999", "Nobody"],
		["12", "Nobody"],
		[shop.phone, " "],
		[shop.phone, "x".repeat(65)],
	] as const)
		assert.ok([404, 422].includes((await approve(messenger, phone, name)).status));
});

story("a decision is taken only with the signature of the device that hands it in", async (messenger, shop, alice) => {
	const decide = (decision: Decision, as = alice) =>
		as.client(BusinessService).setBusinessPreference({ statement: sign(messenger, decision) });
	const about = shop;
	assert.equal((await refusalOf(decide({ by: alice, about }))).code, "NOT_FOUND", "not a business yet");
	await approve(messenger, shop.phone);
	const bob = await registerAccount(messenger, "+15550100003");
	assert.equal((await refusalOf(decide({ by: alice, about, signedBy: shop }))).code, "UNAUTHENTICATED");
	assert.equal((await refusalOf(decide({ by: alice, about, label: LABELS.login }))).code, "UNAUTHENTICATED");
	assert.equal((await refusalOf(decide({ by: alice, about, signedBy: bob }, bob))).code, "UNAUTHENTICATED");
	assert.equal((await refusalOf(decide({ by: alice, about, category: 9 as BusinessCategory }))).code, "MALFORMED");
	assert.equal((await refusalOf(decide({ by: alice, about, permission: 7 as BusinessPermission }))).code, "MALFORMED");
	const future = messenger.clock.now() + 3600_000;
	assert.equal((await refusalOf(decide({ by: alice, about, atMs: future }))).code, "MALFORMED");
	assert.equal((await refusalOf(alice.client(BusinessService).setBusinessPreference({}))).code, "MALFORMED");
	assert.deepEqual((await alice.client(BusinessService).getBusinessPreferences({})).preferences, []);
	const { preference } = await decide({ by: alice, about });
	assert.equal(preference?.permission, ALLOWED);
	assert.equal(preference?.consentId.length, 16);
});

story(
	"the newest decision counts, an old one put in again changes nothing, and every one is kept",
	async (messenger, shop, alice) => {
		await approve(messenger, shop.phone);
		const businesses = alice.client(BusinessService);
		const yes = sign(messenger, { by: alice, about: shop });
		await businesses.setBusinessPreference({ statement: yes });
		await businesses.setBusinessPreference({ statement: yes });
		messenger.clock.advance(1000);
		const no = sign(messenger, { by: alice, about: shop, permission: STOPPED });
		await businesses.setBusinessPreference({ statement: no });
		const replayed = await refusalOf(businesses.setBusinessPreference({ statement: yes }));
		assert.equal(replayed.code, "CONSENT_CONFLICT");
		messenger.clock.advance(1000);
		await businesses.setBusinessPreference({
			statement: sign(messenger, { by: alice, about: shop, category: UTILITY }),
		});
		const { preferences } = await businesses.getBusinessPreferences({});
		assert.deepEqual(
			preferences.map(({ category, permission }) => [category, permission]),
			[
				[UTILITY, ALLOWED],
				[MARKETING, STOPPED],
			],
		);
		await messenger.restart(async ({ records }) => {
			const kept = await records
				.selectFrom("business_preference_event")
				.select("statement")
				.orderBy("event_id")
				.execute();
			assert.deepEqual(
				kept.slice(0, 2).map(({ statement }) => toHex(statement)),
				[yes, no].map(({ statement }) => toHex(statement)),
			);
			assert.equal(kept.length, 3);
		});
		const after = await alice.client(BusinessService).getBusinessPreferences({});
		assert.deepEqual(after, await businesses.getBusinessPreferences({}));
	},
);

story(
	"a business reads the receipts that are about itself, and nobody else reads any",
	async (messenger, shop, alice) => {
		await approve(messenger, shop.phone);
		const other = await registerAccount(messenger, "+15550100004");
		await approve(messenger, other.phone, "Other Shop");
		const statement = sign(messenger, { by: alice, about: shop });
		await alice.client(BusinessService).setBusinessPreference({ statement });
		const ask = (who: TestAccount, about = alice) =>
			who.client(BusinessService).getConsentReceipt({ accountId: idBytes(about.account), category: MARKETING });
		const receipt = await ask(shop);
		assert.deepEqual(receipt.statement?.statement, statement.statement);
		assert.equal(receipt.preference?.permission, ALLOWED);
		const nothing = await ask(other);
		assert.deepEqual([nothing.preference?.permission, nothing.statement], [UNSET, undefined]);
		assert.equal((await ask(shop, other)).preference?.permission, UNSET);
		assert.equal((await refusalOf(ask(alice, alice))).code, "FORBIDDEN");
	},
);

story(
	"whoever takes over the number of a business is none, and its receipts are gone",
	async (messenger, shop, alice) => {
		await approve(messenger, shop.phone);
		await alice
			.client(BusinessService)
			.setBusinessPreference({ statement: sign(messenger, { by: alice, about: shop }) });
		const mallory = await registerAccount(messenger, shop.phone);
		assert.deepEqual((await alice.client(BusinessService).listBusinesses({})).businesses, []);
		assert.deepEqual((await alice.client(BusinessService).getBusinessPreferences({})).preferences, []);
		const template = { id: "1", version: 1, name: "x", language: "en_US", category: UTILITY, body: "x" };
		assert.equal((await refusalOf(mallory.client(BusinessService).putTemplate({ template }))).code, "FORBIDDEN");
	},
);

story("a template is as it was registered, or not at all", async (messenger, shop, alice) => {
	await approve(messenger, shop.phone);
	const template: MessageInitShape<typeof TemplateSchema> = {
		...{ id: "17", version: 1, name: "order_update", language: "en_US", category: UTILITY, body: "{{1}}!" },
	};
	const put = (change: MessageInitShape<typeof TemplateSchema>) =>
		shop.client(BusinessService).putTemplate({ template: { ...template, ...change } });
	for (const wrong of [
		{ id: "" },
		{ id: "x" },
		{ id: "007" },
		{ version: 0 },
		{ name: "Order" },
		{ language: "english" },
		{ category: 0 as BusinessCategory },
		{ body: "" },
		{ body: "x".repeat(1025) },
		{ body: "{{2}}" },
		{ body: "{{0}}" },
	])
		assert.equal((await refusalOf(put(wrong))).code, "MALFORMED", JSON.stringify(wrong).slice(0, 60));
	await put({});
	await put({});
	assert.equal((await refusalOf(put({ body: "{{1}}?" }))).code, "MALFORMED");
	const get = (templateId: string, version: number) =>
		alice.client(BusinessService).getTemplate({ businessAccount: idBytes(shop.account), templateId, version });
	assert.equal((await get("17", 1)).template?.body, "{{1}}!");
	assert.equal((await refusalOf(get("17", 2))).code, "NOT_FOUND");
	assert.equal((await refusalOf(get("18", 1))).code, "NOT_FOUND");
});

story("when somebody wrote to a business is forgotten with the window", async (messenger, _shop, alice) => {
	await messenger.restart(async ({ records }) => {
		const wroteMs = messenger.clock.now();
		const row = { log: "00".repeat(16) as LogId, account_id: alice.account, wrote_at_ms: wroteMs };
		await records.insertInto("business_window").values(row).execute();
		const rows = () => records.selectFrom("business_window").selectAll().execute();
		await sweepRecords(records, wroteMs + SERVICE_WINDOW_MS);
		assert.deepEqual(await rows(), [row]);
		await sweepRecords(records, wroteMs + SERVICE_WINDOW_MS + 1);
		assert.deepEqual(await rows(), []);
	});
});
