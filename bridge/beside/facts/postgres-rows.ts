import pg from "pg";
import { quoteName, type Rows } from "./sql-facts.ts";

/** invalid_text_representation, numeric_value_out_of_range: an id that this column can not hold. */
const NO_SUCH_ID = new Set(["22P02", "22003"]);

/** A host's PostgreSQL, as a role that reads the bridge's views and can do nothing else. */
export class PostgresRows implements Rows {
	readonly #pool: pg.Pool;

	constructor(url: string, timeoutMs: number, atOnce: number) {
		this.#pool = new pg.Pool({
			connectionString: url,
			max: atOnce,
			connectionTimeoutMillis: timeoutMs,
			query_timeout: timeoutMs,
			statement_timeout: timeoutMs,
			idleTimeoutMillis: 30_000,
			allowExitOnIdle: true,
			application_name: "troth-bridge",
			// The role is to have no right to write; this says it once more.
			options: "-c default_transaction_read_only=on",
		});
		// An idle connection that breaks is replaced by the next query.
		this.#pool.on("error", () => {});
	}

	async all(sql: string, parameters: readonly string[]): Promise<readonly Readonly<Record<string, unknown>>[]> {
		try {
			const { rows } = await this.#pool.query<Record<string, unknown>>(sql, [...parameters]);
			return rows;
		} catch (error) {
			if (NO_SUCH_ID.has(String((error as { code?: unknown }).code))) return [];
			throw error;
		}
	}

	async columns(view: string): Promise<readonly string[]> {
		const { fields } = await this.#pool.query(`select * from ${quoteName(view)} limit 0`);
		return fields.map(({ name }) => name).sort();
	}

	async readableBeside(views: readonly string[]): Promise<readonly string[]> {
		const { rows } = await this.#pool.query<{ name: string }>(
			`select format('%I.%I', n.nspname, c.relname) as name
			from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
			where c.relkind in ('r', 'v', 'm', 'p', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
				and has_schema_privilege(n.oid, 'usage')
				and (has_table_privilege(c.oid, 'select, insert, update, delete, truncate')
					or has_any_column_privilege(c.oid, 'select, insert, update'))
				and c.oid <> all (select to_regclass(name)::oid from unnest($1::text[]) as name where to_regclass(name) is not null)
			order by 1 limit 20`,
			[views.map(quoteName)],
		);
		return rows.map(({ name }) => name);
	}

	[Symbol.asyncDispose](): Promise<void> {
		return this.#pool.end();
	}
}
