/**
 * Holds what lies in a data directory against itself, without changing it: of a server that is stopped, or of a copy of
 * one. It answers what somebody wants to know of a backup before it is needed, and of a directory after an accident.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { isResidual } from "@troth/protocol";
import { StoreError } from "@troth/storage";
import { openReadOnly, type ReadOnlyDatabase } from "@troth/storage/read-only.ts";
import { emptyRoot, leafHash, nodeHash, parseCheckpoint, parseNote, sameHash } from "@troth/transparency";

export interface Checked {
	/** What was looked at: a file, or what of two has to agree. */
	readonly what: string;
	readonly good: boolean;
	/** What is so, in a sentence without an end. */
	readonly note: string;
}

const LEAVES_AT_ONCE = 10_000;

/** One line per thing that was looked at. A directory that is in use shows as such. */
export function* verifyData(dataDir: string): Generator<Checked> {
	const databases = databasesIn(dataDir);
	if (databases.length === 0) {
		yield { what: dataDir, good: false, note: "there is no database in here" };
		return;
	}
	for (const path of databases) yield integrity(path, relative(dataDir, path));
	const [records, door] = [join(dataDir, "messenger", "records.sqlite"), join(dataDir, "bridge", "door.sqlite")];
	if (!existsSync(records) || !existsSync(door)) return;
	using messenger = openReadOnly(records);
	using bridge = openReadOnly(door);
	yield positions(messenger, bridge);
	yield generations(messenger, bridge);
	yield shareLog(bridge, join(dataDir, "bridge", "share-log"));
}

function databasesIn(directory: string): readonly string[] {
	return readdirSync(directory, { recursive: true, encoding: "utf8" })
		.filter((name) => name.endsWith(".sqlite"))
		.sort()
		.map((name) => join(directory, name));
}

function integrity(path: string, what: string): Checked {
	try {
		using db = openReadOnly(path);
		const rows = db.all("pragma integrity_check(5)", []).map((row) => String(Object.values(row)[0]));
		const good = rows.length === 1 && rows[0] === "ok";
		return { what, good, note: good ? "whole" : `damaged: ${rows.join("; ")}` };
	} catch (error) {
		if (!(error instanceof StoreError)) throw error;
		return { what, good: false, note: "can not be read: in use by a running server, or no database" };
	}
}

const numberIn = (db: ReadOnlyDatabase, sql: string): number => Number(Object.values(db.all(sql, [])[0] ?? {})[0] ?? 0);

/** The door must not have read further than the messenger has written (hazard 21). */
function positions(messenger: ReadOnlyDatabase, bridge: ReadOnlyDatabase): Checked {
	// In this order also while both run: what the one reads the other has written.
	const read = numberIn(bridge, "select outbox_id from position");
	const written = numberIn(messenger, "select max(id) from share_outbox");
	const what = "what the bridge has read of the messenger";
	if (read > written)
		return {
			what,
			good: false,
			note: `the messenger's records are ${read - written} rows older than what the bridge knows`,
		};
	return {
		what,
		good: true,
		note: read === written ? "all of it" : `all but ${written - read} rows, which it reads next`,
	};
}

/** No share may carry a generation that the messenger has not given yet: it would give it again. */
function generations(messenger: ReadOnlyDatabase, bridge: ReadOnlyDatabase): Checked {
	const key = (row: Readonly<Record<string, unknown>>) => `${row["account_id"]} ${row["purpose"]}`;
	const shared = bridge.all("select account_id, purpose, max(generation) as generation from share group by 1, 2", []);
	const given = new Map(
		messenger
			.all("select account_id, purpose, generation from consent_choice", [])
			.map((row) => [key(row), Number(row["generation"])]),
	);
	// Of accounts that are there; what needs nobody's yes has a time in place of a generation.
	const behind = shared.filter(
		(row) =>
			!isResidual(String(row["purpose"])) &&
			Number(row["generation"]) > (given.get(key(row)) ?? Number.POSITIVE_INFINITY),
	);
	const what = "generations of consent";
	if (behind.length > 0)
		return { what, good: false, note: `${behind.length} choices are older at the messenger than at the bridge` };
	return { what, good: true, note: `none at the bridge is newer than at the messenger (${given.size} choices)` };
}

/** The tree that was published has to be the one of the leaves that are stored. */
function shareLog(bridge: ReadOnlyDatabase, directory: string): Checked {
	const what = "the share log and its leaves";
	const path = join(directory, "checkpoint");
	if (!existsSync(path)) return { what, good: true, note: "nothing is published yet" };
	const { size, root } = parseCheckpoint(parseNote(readFileSync(path, "utf8")).text);
	const stored = numberIn(bridge, "select count(*) from leaf");
	if (stored < size)
		return {
			what,
			good: false,
			note: `${size} leaves are published and ${stored} are stored: the bridge will not go on`,
		};
	if (!sameHash(rootOf(bridge, size), root))
		return { what, good: false, note: "the published tree is not the one of the stored leaves" };
	return { what, good: true, note: `the published tree of ${size} leaves is the one of those stored (${stored})` };
}

/** RFC 6962 section 2.1: whole subtrees are kept by their height, and put together from the right at the end. */
function rootOf(bridge: ReadOnlyDatabase, size: number): Uint8Array {
	const subtrees: { readonly height: number; readonly hash: Uint8Array }[] = [];
	for (let first = 0; first < size; first += LEAVES_AT_ONCE) {
		const until = Math.min(size, first + LEAVES_AT_ONCE);
		const rows = bridge.all("select bytes from leaf where leaf_index >= ? and leaf_index < ? order by leaf_index", [
			...[first, until],
		]);
		for (const row of rows) {
			let node = { height: 0, hash: leafHash(new Uint8Array(row["bytes"] as Uint8Array)) as Uint8Array };
			for (let left = subtrees.at(-1); left?.height === node.height; left = subtrees.at(-1)) {
				subtrees.pop();
				node = { height: node.height + 1, hash: nodeHash(left.hash, node.hash) };
			}
			subtrees.push(node);
		}
	}
	const last = subtrees.pop();
	if (last === undefined) return emptyRoot();
	return subtrees.reduceRight((right, left) => nodeHash(left.hash, right), last.hash);
}
