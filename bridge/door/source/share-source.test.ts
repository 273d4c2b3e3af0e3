/** What the door may look at in the messenger's records (C1, hazard 31). */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ManualClock } from "@troth/protocol/_manual-clock.ts";
import {
	type KyselyPlugin,
	OperationNodeTransformer,
	type PluginTransformQueryArgs,
	type TableNode,
	type UnknownRow,
} from "kysely";
import { openTestRecords } from "../_people.ts";
import { readAhead } from "./read-ahead.ts";
import { type PersonSource, ShareSource } from "./share-source.ts";

const PURPOSES = ["friend_suggestions", "relevant_ads", "account_linking", "usage_metrics", "infrastructure"] as const;
const READ = [
	"consent_choice",
	"consent_grant",
	"share_account_linking",
	"share_friend_suggestions",
	"share_infrastructure",
	"share_key",
	"share_outbox",
	"share_relevant_ads",
	"share_usage_metrics",
	"standing",
	"terms_version",
];

/** Notes the kinds of statements and the tables that they name. */
class Watch extends OperationNodeTransformer implements KyselyPlugin {
	readonly kinds = new Set<string>();
	readonly tables = new Set<string>();

	transformQuery({ node }: PluginTransformQueryArgs) {
		this.kinds.add(node.kind);
		return this.transformNode(node);
	}

	async transformResult({ result }: { result: { rows: UnknownRow[] } }) {
		return result;
	}

	protected override transformTable(node: TableNode): TableNode {
		this.tables.add(node.table.identifier.name);
		return super.transformTable(node);
	}
}

test("the door reads the tables of consent and one view per purpose, nothing else, and never writes", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-source-"));
	try {
		await using records = await openTestRecords(join(directory, "records.sqlite"), new ManualClock());
		const alice = await records.register("+15550100001");
		await alice.allow("relevant_ads");
		const watch = new Watch();
		const source = new ShareSource(records.db.withPlugin(watch));
		const calls: Record<Exclude<keyof ShareSource, symbol>, () => Promise<unknown>> = {
			outboxAfter: () => source.outboxAfter(0, 10),
			recallsAfter: () => source.recallsAfter(0),
			newestOutboxId: () => source.newestOutboxId(),
			generationsOf: () => source.generationsOf([alice.account]),
			shareKey: () => source.shareKey(alice.account),
			shareKeys: () => source.shareKeys([alice.account]),
			policiesAfter: () => source.policiesAfter(0),
			standing: () => source.standing(alice.account),
			standings: () => source.standings([alice.account]),
			grant: () => source.grant(alice.account, "relevant_ads", "family", 1),
			grants: () => source.grants([alice.account], "relevant_ads", "family"),
			values: async () => {
				for (const purpose of PURPOSES) await source.values(alice.account, purpose, 1);
			},
			valuesOfMany: async () => {
				for (const purpose of PURPOSES) await source.valuesOfMany([alice.account], purpose);
			},
		};
		for (const call of Object.values(calls)) await call();
		const methods = Object.getOwnPropertyNames(ShareSource.prototype).filter((name) => name !== "constructor");
		assert.deepEqual(methods.toSorted(), Object.keys(calls).toSorted(), "each query of the class was made");
		assert.deepEqual([...watch.tables].toSorted(), READ);
		assert.deepEqual([...watch.kinds], ["SelectQueryNode"]);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("a view shows the fields of its purpose and nothing more, and nobody without a yes", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-source-"));
	try {
		await using records = await openTestRecords(join(directory, "records.sqlite"), new ManualClock());
		const alice = await records.register("+15550100001");
		const source = new ShareSource(records.db);
		assert.equal(await source.values(alice.account, "friend_suggestions", 1), undefined);
		await alice.allow("friend_suggestions");
		await alice.allow("account_linking");
		const friends = await source.values(alice.account, "friend_suggestions", 1);
		assert.deepEqual(friends?.values, { phone_number: "+15550100001" });
		const linking = await source.values(alice.account, "account_linking", 1);
		assert.deepEqual(Object.keys(linking?.values ?? {}), ["link_assertion", "device_type", "os", "app_version"]);
		assert.equal(await source.values(alice.account, "relevant_ads", 1), undefined);
		await alice.refuse("friend_suggestions");
		assert.equal(await source.values(alice.account, "friend_suggestions", 1), undefined);
	} finally {
		await rm(directory, { recursive: true });
	}
});

test("what is read ahead for many is what each would have been told alone", async () => {
	const directory = await mkdtemp(join(tmpdir(), "troth-source-"));
	try {
		await using records = await openTestRecords(join(directory, "records.sqlite"), new ManualClock());
		const [alice, bob, carla, dan] = [
			await records.register("+15550100001"),
			await records.register("+15550100002"),
			await records.register("+15550100003"),
			await records.register("+15550100004"),
		];
		await alice.allow("friend_suggestions");
		await alice.allow("relevant_ads");
		await bob.allow("relevant_ads");
		await bob.refuse("relevant_ads");
		await bob.allow("relevant_ads");
		await carla.allow("account_linking");
		await carla.refuse("friend_suggestions");
		await dan.allow("friend_suggestions");
		await dan.leave();
		const source = new ShareSource(records.db);
		const asked = [alice, bob, carla, dan].flatMap(({ account }) =>
			(["friend_suggestions", "relevant_ads", "account_linking"] as const).flatMap((purpose) =>
				["family", "photos"].flatMap((recipient) =>
					[1, 2].map((generation) => ({ account, purpose, recipient, generation })),
				),
			),
		);
		const ahead = await readAhead(source, asked);
		const told = async (from: PersonSource) => {
			const answers: unknown[] = [];
			for (const { account, purpose, recipient, generation } of asked) {
				const grant = await from.grant(account, purpose, recipient, generation);
				answers.push([
					await from.shareKey(account),
					await from.standing(account),
					grant && [grant.statement, grant.signature],
					(await from.values(account, purpose, generation))?.values,
				]);
			}
			return answers;
		};
		const alone = await told(source);
		assert.deepEqual(await told(ahead), alone);
		assert.ok(alone.some((answer) => Array.isArray(answer) && answer[3] !== undefined));
		// It is one moment: what changes afterwards is not in it.
		await alice.refuse("friend_suggestions");
		assert.deepEqual(await told(ahead), alone);
		assert.notDeepEqual(await told(source), alone);
	} finally {
		await rm(directory, { recursive: true });
	}
});
