/**
 * Fills a messenger's store with the accounts and conversations of the benchmark, through the storage ports and the
 * messenger's own schema: what thousands of registrations and first commits would have left, in seconds.
 */

import { type Policy, readPolicyFile, shippedPolicyPath } from "@troth/bridge";
import {
	type Clock,
	type ConversationId,
	DeviceListSchema,
	idBytes,
	LABELS,
	TermsAcceptanceSchema,
} from "@troth/protocol";
import type { LogStore, LogWrite } from "@troth/storage";
import { directAlias } from "../messenger/conversations/direct-alias.ts";
import { openStores } from "../messenger/stores.ts";
import { accountNames, FIRST_SENDER, type Population } from "./contender.ts";
import {
	accountOf,
	accountSigner,
	deviceOf,
	deviceSigner,
	directConversation,
	groupConversation,
	phoneOf,
} from "./identity.ts";

/** The epoch of every seeded group (generator/driver-troth.c sends in it). */
const EPOCH = 1;
const GROUP_NAME = "g1";
/** Rows of one statement, below SQLite's limit of variables. */
const ROWS_AT_ONCE = 500;
/** Transactions that wait for one commit. */
const WRITES_AT_ONCE = 1000;

/** Makes the store in an empty `directory`. */
export async function seedStore(directory: string, population: Population, clock: Clock): Promise<void> {
	await using stores = await openStores({ kind: "sqlite", directory });
	const names = accountNames(population);
	const policy = await readPolicyFile(shippedPolicyPath("v1"));
	await seedRecords(stores.records, names, policy, clock);
	await writeAll(stores.logs, names.map(deviceLog));

	// Nobody joins or rejoins in a benchmark: the group's public state is there and never read.
	const tree = new TextEncoder().encode("the ratchet tree of a benchmark");
	const group = { tree: await stores.blobs.put(tree), treeBytes: tree.length };
	await writeAll(
		stores.logs,
		[...directPairs(population)].map(([sender, recipient]) => directLog(sender, recipient, group)),
	);
	await writeAll(stores.logs, [groupLog(GROUP_NAME, population.members, group)]);
}

type Records = Awaited<ReturnType<typeof openStores>>["records"];

async function seedRecords(records: Records, names: readonly string[], policy: Policy, clock: Clock): Promise<void> {
	for (let from = 0; from < names.length; from += ROWS_AT_ONCE) {
		const rows = names.slice(from, from + ROWS_AT_ONCE).map((name) => accountRows(name, policy, clock.now()));
		await records.transaction().execute(async (transaction) => {
			await transaction
				.insertInto("account")
				.values(rows.map(({ account }) => account))
				.execute();
			await transaction
				.insertInto("device")
				.values(rows.map(({ device }) => device))
				.execute();
			await transaction
				.insertInto("terms_acceptance")
				.values(rows.map(({ acceptance }) => acceptance))
				.execute();
			await transaction
				.insertInto("standing")
				.values(rows.map(({ standing }) => standing))
				.execute();
		});
	}
}

function accountRows(name: string, policy: Policy, nowMs: number) {
	const account = accountOf(name);
	const device = deviceOf(name);
	const identity = accountSigner(name);
	const signer = deviceSigner(name);
	const times = { issuedAtMs: BigInt(nowMs), addedAtMs: BigInt(nowMs), acceptedAtMs: BigInt(nowMs) };
	const ids = { accountId: idBytes(account), deviceId: idBytes(device) };
	const list = identity.sign(LABELS.deviceList, DeviceListSchema, {
		accountId: ids.accountId,
		identityKey: identity.publicKey,
		version: 1,
		devices: [{ deviceId: ids.deviceId, signatureKey: signer.publicKey, addedAtMs: times.addedAtMs }],
		issuedAtMs: times.issuedAtMs,
	});
	const acceptance = signer.sign(LABELS.termsAcceptance, TermsAcceptanceSchema, {
		...ids,
		version: policy.version,
		policyHash: policy.hash,
		textHash: policy.text("en").hash,
		acceptedAtMs: times.acceptedAtMs,
	});
	return {
		account: {
			account_id: account,
			phone: phoneOf(name),
			identity_key: identity.publicKey,
			list_version: 1,
			list_statement: list.statement,
			list_signature: list.signature,
			created_at_ms: nowMs,
		},
		device: {
			device_id: device,
			account_id: account,
			signature_key: signer.publicKey,
			created_at_ms: nowMs,
			last_attached_ms: null,
			removed_at_ms: null,
		},
		acceptance: { account_id: account, version: policy.version, ...acceptance, accepted_at_ms: nowMs },
		standing: { account_id: account, accepted_version: policy.version, accepted_at_ms: nowMs, time_ms: nowMs },
	};
}

// ── Logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────

type Tree = Pick<Extract<LogWrite, { kind: "create" }>["group"] & object, "tree" | "treeBytes">;

/** Who writes to whom in w1 and w2 (generator/workload-pairs.c and workload-mailbox.c). */
export function* directPairs({
	pairs,
	mailboxes,
	senders,
}: Population): Iterable<readonly [sender: string, recipient: string]> {
	for (let i = 0; i < pairs; i++) yield [`u${i}`, `u${i + pairs}`];
	for (let user = 0; user < mailboxes; user++) yield [`u${FIRST_SENDER + (user % senders)}`, `u${user}`];
}

function deviceLog(name: string): readonly LogWrite[] {
	const log = deviceOf(name);
	return [{ kind: "create", log, group: undefined, alias: undefined }, subscribe(log, name, undefined, "member")];
}

function directLog(sender: string, recipient: string, tree: Tree): readonly LogWrite[] {
	const log = directConversation(sender, recipient);
	const group = { kind: "direct", epoch: EPOCH, groupInfo: new Uint8Array(), ...tree } as const;
	return [
		{ kind: "create", log, group, alias: directAlias(accountOf(sender), accountOf(recipient)) },
		subscribe(log, sender, 0, "admin"),
		subscribe(log, recipient, 1, "member"),
	];
}

function groupLog(name: string, count: number, tree: Tree): readonly LogWrite[] {
	const log = groupConversation(name);
	const group = { kind: "group", epoch: EPOCH, groupInfo: new Uint8Array(), ...tree } as const;
	const members = Array.from({ length: count }, (_, leaf) =>
		subscribe(log, `u${leaf}`, leaf, leaf === 0 ? "admin" : "member"),
	);
	return [{ kind: "create", log, group, alias: undefined }, ...members];
}

function subscribe(
	log: ConversationId | ReturnType<typeof deviceOf>,
	name: string,
	leaf: number | undefined,
	role: "admin" | "member",
): LogWrite {
	return {
		kind: "subscribe",
		subscription: {
			log,
			device: deviceOf(name),
			account: accountOf(name),
			leaf,
			role,
			from: 0,
			acked: 0,
			floor: 0,
			until: undefined,
		},
	};
}

async function writeAll(logs: LogStore, transactions: readonly (readonly LogWrite[])[]): Promise<void> {
	for (let from = 0; from < transactions.length; from += WRITES_AT_ONCE) {
		await Promise.all(transactions.slice(from, from + WRITES_AT_ONCE).map((steps) => logs.write(steps)));
	}
}
