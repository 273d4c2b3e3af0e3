/**
 * A published version that takes something away takes it away at once (ADR 0021): who accepted an earlier one is looked
 * at, account after account, and what the version does not let them give any more is recalled, without waiting until
 * they open the app. What a crash interrupts goes on where it was: a slice of accounts, the rows for the door and the
 * place in the order are one transaction.
 */
import { type AccountId, type Clock, isResidual } from "@troth/protocol";
import type { Kysely, Transaction } from "kysely";
import { mayTakeAway } from "../lifecycle/ending.ts";
import { type Effect, reduce } from "../lifecycle/lifecycle.ts";
import type { Policy } from "../policy/policy.ts";
import { type AccountStep, storeSteps } from "./record.ts";
import { type Policies, readStandings, toLifecycle } from "./standing.ts";
import type { ConsentTables, TermsNarrowingTable } from "./tables.ts";

type Records = Transaction<ConsentTables>;

/** So many are in one transaction; others wait for it. */
const ACCOUNTS_AT_ONCE = 200;

export interface NarrowingContext {
	readonly clock: Clock;
	readonly records: Kysely<ConsentTables>;
	/** Every version that was published. */
	readonly terms: Policies & { readonly versions: readonly { readonly policy: Policy }[] };
	readonly events: { termsNarrowed(figures: NarrowingFigures): void };
	readonly accountsAtOnce?: number;
}

/** What a version took away. */
export type NarrowingFigures = Pick<TermsNarrowingTable, "version" | "accounts" | "yeses" | "recalls">;

/** Notes, in the transaction of the publication, that a version has to be held against what people agreed to. */
export async function noteNarrowing(records: Records, version: number, nowMs: number): Promise<void> {
	const nothing = { after_account: "", accounts: 0, yeses: 0, recalls: 0, ended_at_ms: null } as const;
	await records
		.insertInto("terms_narrowing")
		.values({ version, ...nothing, begun_at_ms: nowMs })
		.execute();
}

export class Narrowing implements AsyncDisposable {
	readonly #context: NarrowingContext;
	#running: Promise<void> | undefined;
	#stopped = false;

	constructor(context: NarrowingContext) {
		this.#context = context;
	}

	/**
	 * Goes on with what is noted, one run at a time; resolves when nothing is left, or it is being stopped. Rejects where
	 * the store does: what is not done is done by the next run.
	 */
	run(): Promise<void> {
		this.#running ??= this.#runAll().finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}

	async #runAll(): Promise<void> {
		const { records } = this.#context;
		while (!this.#stopped) {
			const noted = await records
				.selectFrom("terms_narrowing")
				.selectAll()
				.where("ended_at_ms", "is", null)
				.orderBy("version")
				.limit(1)
				.executeTakeFirst();
			const by = noted && this.#context.terms.version(noted.version);
			// One that is being published at this moment is taken up by the run that its publication begins.
			if (noted === undefined || by === undefined) return;
			await this.#slice(noted, by);
			// Others come to their turn between two slices.
			await new Promise((resolve) => setImmediate(resolve));
		}
	}

	async #slice({ version, after_account: after, ...sums }: TermsNarrowingTable, by: Policy): Promise<void> {
		const { records, clock, terms, events, accountsAtOnce = ACCOUNTS_AT_ONCE } = this.#context;
		const touched = terms.versions
			.map(({ policy }) => policy)
			.filter((policy) => policy.version < version && mayTakeAway(policy, by));
		const ended = await records.transaction().execute(async (transaction) => {
			const rows =
				touched.length === 0
					? []
					: await transaction
							.selectFrom("standing")
							.select(["account_id", "accepted_version"])
							.where("account_id", ">", after as AccountId)
							.orderBy("account_id")
							.limit(accountsAtOnce)
							.execute();
			const versions = new Set<number | null>(touched.map((policy) => policy.version));
			const accounts = rows.filter((row) => versions.has(row.accepted_version)).map((row) => row.account_id);
			const taken = await this.#takeAway(transaction, accounts, by);
			const last = rows.at(-1)?.account_id;
			await transaction
				.updateTable("terms_narrowing")
				.set({
					...(last === undefined ? { ended_at_ms: clock.now() } : { after_account: last }),
					accounts: sums.accounts + taken.accounts,
					yeses: sums.yeses + taken.yeses,
					recalls: sums.recalls + taken.recalls,
				})
				.where("version", "=", version)
				.execute();
			return last === undefined;
		});
		if (ended) events.termsNarrowed({ version, accounts: sums.accounts, yeses: sums.yeses, recalls: sums.recalls });
	}

	async #takeAway(transaction: Records, accounts: readonly AccountId[], by: Policy) {
		const { terms, clock } = this.#context;
		if (accounts.length === 0) return NOTHING;
		const standings = await readStandings(transaction, accounts);
		const said = await saidWithoutYes(transaction, accounts);
		const sums = { ...NOTHING };
		const steps: AccountStep[] = [];
		for (const [account, stored] of standings) {
			const before = toLifecycle(stored, terms, new Set());
			const step = reduce(before, { type: "narrowed", by, atMs: clock.now() });
			const effects = step.effects.filter((effect) => !isIdle(effect, said.get(account)));
			const yeses = [...step.state.choices].filter(([purpose, choice]) => before.choices.get(purpose) !== choice);
			if (yeses.length === 0 && effects.length === 0) continue;
			steps.push({ account, before, state: step.state, effects });
			sums.accounts++;
			sums.yeses += yeses.length;
			sums.recalls += effects.filter(({ type }) => type === "outbox").length;
		}
		await storeSteps(transaction, steps);
		return sums;
	}

	/** Ends after the slice that is under way. */
	async [Symbol.asyncDispose](): Promise<void> {
		this.#stopped = true;
		await this.#running?.catch(() => {});
	}
}

const NOTHING = { accounts: 0, yeses: 0, recalls: 0 };

/** Of what needs no yes, what was ever handed to the door: by account, purpose and recipient. */
async function saidWithoutYes(
	records: Records,
	accounts: readonly AccountId[],
): Promise<ReadonlyMap<AccountId, ReadonlySet<string>>> {
	const rows = await records
		.selectFrom("share_outbox")
		.select(["account_id", "purpose", "recipient"])
		.distinct()
		.where("account_id", "in", accounts)
		.where("kind", "=", "share")
		.execute();
	const residual = rows.filter(({ purpose }) => isResidual(purpose));
	const byAccount = Map.groupBy(residual, (row) => row.account_id);
	return new Map(
		[...byAccount].map(([account, list]) => [
			account,
			new Set(list.map(({ purpose, recipient }) => `${purpose} ${recipient}`)),
		]),
	);
}

/** A recall of what was never said. */
function isIdle(effect: Effect, said: ReadonlySet<string> = new Set()): boolean {
	if (effect.type !== "outbox" || !isResidual(effect.purpose)) return false;
	return !said.has(`${effect.purpose} ${effect.recipient}`);
}
