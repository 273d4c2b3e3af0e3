/**
 * Facts from SQL: one view per purpose, with the person's id and that purpose's columns and no others, and one view with
 * the ids of everybody. What a view does not show can not be asked for, whatever goes wrong here.
 */
import type { Clock, DeliveryCell } from "@troth/protocol";
import { cleanDeliveries, DELIVERY_COLUMNS, DELIVERY_ROWS, type DeliveryColumn } from "./deliveries.ts";
import {
	type ColumnNames,
	cleanValues,
	type HostFacts,
	type HostPurpose,
	type HostValues,
	isHostId,
} from "./host-facts.ts";
import { PostgresRows } from "./postgres-rows.ts";
import { SqliteRows } from "./sqlite-rows.ts";
import { Turns } from "./turns.ts";

/** A view, and how its columns are called. */
export interface PurposeView<P extends HostPurpose = HostPurpose> {
	/** "schema.name" or "name". */
	readonly view: string;
	readonly id: string;
	readonly fields: ColumnNames<P>;
}

export interface SqlFactsAt {
	/** A file, or a connection string of PostgreSQL. */
	readonly database:
		| { readonly kind: "sqlite"; readonly path: string }
		| { readonly kind: "postgres"; readonly url: string };
	/** Everybody that the host has. */
	readonly people: { readonly view: string; readonly id: string };
	readonly purposes: { readonly [purpose in HostPurpose]?: PurposeView<purpose> };
	/** Rows of `day`, and how delivery went on it. */
	readonly deliveries?: {
		readonly view: string;
		readonly day: string;
		readonly fields: { readonly [column in DeliveryColumn]: string };
	};
	/** 3 seconds where it is left out. */
	readonly timeoutMs?: number;
	/** Queries at once; 4 where it is left out. */
	readonly atOnce?: number;
}

/** One database; statements that only read, names quoted by `quoteName`, values as $1, $2 … */
export interface Rows extends AsyncDisposable {
	/** Rejects where the database does. An id that can not be one of the column's type finds nothing. */
	all(sql: string, parameters: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
	/** Names of the columns of a view, sorted. */
	columns(view: string): Promise<readonly string[]>;
	/** Other relations that this role can read; empty where the engine has no roles. */
	readableBeside(views: readonly string[]): Promise<readonly string[]>;
}

export type FactsConfigErrorCode =
	/** No such view, or it can not be read. */
	| "VIEW_UNREADABLE"
	/** A view has a column that its purpose does not need, or lacks one. */
	| "VIEW_COLUMNS"
	/** The role may read more than these views. */
	| "ROLE_TOO_WIDE"
	/** Not the name of a view or a column. */
	| "NAME_INVALID";

/** The host's database is not laid out as the config file says, or shows more than it should. */
export class FactsConfigError extends Error {
	override readonly name = "FactsConfigError";
	readonly code: FactsConfigErrorCode;

	constructor(code: FactsConfigErrorCode, message: string, cause?: unknown) {
		super(message, cause === undefined ? undefined : { cause });
		this.code = code;
	}
}

const TIMEOUT_MS = 3_000;
const AT_ONCE = 4;

export class SqlFacts implements HostFacts {
	readonly #at: SqlFactsAt;
	readonly #rows: Rows;
	readonly #turns: Turns;

	private constructor(clock: Clock, at: SqlFactsAt, rows: Rows) {
		this.#at = at;
		this.#rows = rows;
		this.#turns = new Turns(clock, at.atOnce ?? AT_ONCE);
	}

	/** Opens it as the file says; nothing is read of it yet. Throws FactsConfigError for names that are none. */
	static open(clock: Clock, at: SqlFactsAt): SqlFacts {
		for (const name of namesOf(at)) quoteName(name);
		const { database, timeoutMs = TIMEOUT_MS, atOnce = AT_ONCE } = at;
		const rows =
			database.kind === "sqlite" ? new SqliteRows(database.path) : new PostgresRows(database.url, timeoutMs, atOnce);
		return new SqlFacts(clock, at, rows);
	}

	/**
	 * Does the database show what it should, and nothing else? For the start: rejects with FactsConfigError where not, and
	 * with FieldsUnavailable where it does not answer.
	 */
	async verify(): Promise<void> {
		const { people, purposes, deliveries } = this.#at;
		await this.#assertColumns(people.view, [people.id]);
		const views = [people.view];
		for (const { view, id, fields } of Object.values(purposes)) {
			await this.#assertColumns(view, [id, ...columnsOf(fields)]);
			views.push(view);
		}
		if (deliveries !== undefined) {
			const { view, day, fields } = deliveries;
			await this.#assertColumns(view, [day, ...DELIVERY_COLUMNS.map((column) => fields[column])]);
			views.push(view);
		}
		const more = await this.#turns.take(() => this.#rows.readableBeside(views));
		if (more.length > 0)
			throw new FactsConfigError(
				"ROLE_TOO_WIDE",
				`the bridge's role can read ${more.slice(0, 5).join(", ")}: it is to read its views and nothing else`,
			);
	}

	async #assertColumns(view: string, expected: readonly string[]): Promise<void> {
		const there = await this.#turns.take(async () => {
			try {
				return await this.#rows.columns(view);
			} catch (error) {
				if (isUnreachable(error)) throw error;
				return error instanceof Error ? error : new Error(String(error));
			}
		});
		if (there instanceof Error)
			throw new FactsConfigError("VIEW_UNREADABLE", `the view ${view} can not be read`, there);
		if (there.join() !== [...expected].sort().join())
			throw new FactsConfigError(
				"VIEW_COLUMNS",
				`the view ${view} has the columns ${there.join(", ")}; it is to have ${[...expected].sort().join(", ")}`,
			);
	}

	async read<P extends HostPurpose>(purpose: P, hostId: string): Promise<HostValues<P> | undefined> {
		const at = this.#at.purposes[purpose];
		if (at === undefined || !isHostId(hostId)) return undefined;
		const { view, id, fields } = at;
		const sql = `select ${columnsOf(fields).map(quoteName).join(", ")} from ${quoteName(view)} where ${quoteName(id)} = $1 limit 2`;
		const rows = await this.#turns.take(() => this.#rows.all(sql, [hostId]));
		const [row] = rows;
		if (row === undefined) return undefined;
		// Two rows for one person: nobody knows which one is meant.
		return cleanValues<P>(purpose, fields, rows.length === 1 ? row : {});
	}

	async known(hostIds: readonly string[]): Promise<ReadonlySet<string>> {
		const { view, id } = this.#at.people;
		const known = new Set<string>();
		const sql = `select 1 as known from ${quoteName(view)} where ${quoteName(id)} = $1 limit 1`;
		for (const hostId of hostIds.filter(isHostId)) {
			const rows = await this.#turns.take(() => this.#rows.all(sql, [hostId]));
			if (rows.length > 0) known.add(hostId);
		}
		return known;
	}

	async deliveries(day: string): Promise<readonly DeliveryCell[]> {
		const at = this.#at.deliveries;
		if (at === undefined) return [];
		const named = DELIVERY_COLUMNS.map((column) => `${quoteName(at.fields[column])} as ${column}`);
		const sql = `select ${named.join(", ")} from ${quoteName(at.view)} where ${quoteName(at.day)} = $1 limit ${DELIVERY_ROWS}`;
		return cleanDeliveries(await this.#turns.take(() => this.#rows.all(sql, [day])));
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#rows[Symbol.asyncDispose]();
	}
}

function namesOf({ people, purposes, deliveries }: SqlFactsAt): readonly string[] {
	const counted = deliveries && [deliveries.view, deliveries.day, ...Object.values(deliveries.fields)];
	const views = Object.values(purposes).flatMap(({ view, id, fields }) => [view, id, ...columnsOf(fields)]);
	return [people.view, people.id, ...views, ...(counted ?? [])];
}

/** Under which names the host has them. */
function columnsOf(names: ColumnNames): readonly string[] {
	return Object.values(names).filter((name) => name !== undefined);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$/;

/** A name from the config file as it stands in a statement. Throws FactsConfigError. */
export function quoteName(name: string): string {
	if (!NAME.test(name))
		throw new FactsConfigError("NAME_INVALID", `${JSON.stringify(name)} is no name of a view or column`);
	return name
		.split(".")
		.map((part) => `"${part}"`)
		.join(".");
}

/** The database can not be reached: that says nothing about its layout. */
function isUnreachable(error: unknown): boolean {
	const code = String((error as { code?: unknown }).code ?? "");
	return /^E[A-Z]+$|^08|^57|^53/.test(code) || /timeout/i.test(String(error));
}
