/**
 * What is limited for whom, and why: the operator's own actions, and what companies said of a number. The server holds
 * to it without reading anything. Asked for often, so it is kept in memory and forgotten when it changes.
 */
import {
	type AbuseLabel,
	type AbusePurpose,
	type AccountId,
	type Clock,
	type PhoneNumber,
	type ScoreClass,
	toHex,
} from "@troth/protocol";
import { numberPseudonym } from "@troth/transparency";
import type { Kysely } from "kysely";
import { ReadThrough } from "../accounts/read-through.ts";
import type { Records } from "../records/schema.ts";

const ACCOUNTS_KEPT = 50_000;

export interface Limit {
	readonly purpose: AbusePurpose;
	readonly label: AbuseLabel;
	readonly scoreClass: ScoreClass | undefined;
	readonly caseId: string | undefined;
	/** The recipient that said so; undefined for the operator of this server. */
	readonly toldBy: string | undefined;
	readonly sinceMs: number;
	readonly untilMs: number;
	readonly objectedAtMs: number | undefined;
	/** The operator has decided about an objection already. */
	readonly decided: boolean;
}

export type Restricted = "new-conversations" | "new-devices";

/** What a limit takes away: nothing that was said before is read, and nothing that is under way is cut off. */
const RESTRICTIONS: { readonly [purpose in AbusePurpose]: readonly Restricted[] } = {
	spam_and_abuse: ["new-conversations"],
	security: ["new-conversations", "new-devices"],
	infringement: [],
};

export function restrictionsOf({ purpose }: Pick<Limit, "purpose">): readonly Restricted[] {
	return RESTRICTIONS[purpose];
}

export class AbuseLimits {
	readonly #records: Kysely<Records>;
	readonly #clock: Clock;
	readonly #kept = new ReadThrough<AccountId, readonly Limit[]>(ACCOUNTS_KEPT, (ids) => this.#load(ids));
	/** By recipient. Never written down: the numbers are here, so this is where a name is found out. */
	#numberKeys: ReadonlyMap<string, Uint8Array> = new Map();

	constructor(records: Kysely<Records>, clock: Clock) {
		this.#records = records;
		this.#clock = clock;
	}

	/** The limits that hold now. Cheap: cached, invalidated on change. */
	async of(account: AccountId): Promise<readonly Limit[]> {
		const limits = (await this.#kept.get(account)) ?? [];
		const now = this.#clock.now();
		return limits.filter(({ untilMs }) => now < untilMs);
	}

	/** The limit because of which this account may do less; the one that lasts longest. */
	async restriction(account: AccountId, what: Restricted): Promise<Limit | undefined> {
		const limits = await this.of(account);
		return limits
			.filter((limit) => restrictionsOf(limit).includes(what))
			.reduce<Limit | undefined>((longest, one) => (one.untilMs > (longest?.untilMs ?? 0) ? one : longest), undefined);
	}

	/** Session tokens of before this no longer count; 0 for none. */
	async sessionsSince(account: AccountId): Promise<number> {
		const limits = (await this.#kept.get(account)) ?? [];
		return Math.max(0, ...limits.filter(({ purpose }) => purpose === "security").map(({ sinceMs }) => sinceMs));
	}

	/** Call after every change of what was done about an account, and of its number. */
	changed(account: AccountId): void {
		this.#kept.forget(account);
	}

	/** Call after every change of what companies said. */
	labelsChanged(numberKeys: ReadonlyMap<string, Uint8Array>): void {
		this.#numberKeys = numberKeys;
		this.#kept.forgetAll();
	}

	async #load(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, readonly Limit[]>> {
		const rows = await this.#records
			.selectFrom("account")
			.select(["account_id", "phone"])
			.where("account_id", "in", accounts)
			.execute();
		const limits = new Map<AccountId, Limit[]>(rows.map((row) => [row.account_id, []]));
		const actions = await this.#records
			.selectFrom("abuse_action")
			.selectAll()
			.where("account_id", "in", accounts)
			.execute();
		for (const row of actions)
			limits.get(row.account_id)?.push({
				...{ purpose: row.purpose, label: row.label, toldBy: undefined, sinceMs: row.since_ms, untilMs: row.until_ms },
				...{ scoreClass: row.score_class ?? undefined, caseId: row.case_id ?? undefined },
				...{ objectedAtMs: row.objected_at_ms ?? undefined, decided: row.kept_at_ms !== null },
			});
		for (const [recipient, key] of this.#numberKeys)
			for (const [account, limit] of await this.#returned(recipient, key, rows)) limits.get(account)?.push(limit);
		return limits;
	}

	/** Whose numbers this company said something of. */
	async #returned(
		recipient: string,
		key: Uint8Array,
		accounts: readonly { readonly account_id: AccountId; readonly phone: PhoneNumber }[],
	): Promise<readonly (readonly [AccountId, Limit])[]> {
		const names = new Map(accounts.map((row) => [toHex(numberPseudonym(key, row.phone)), row.account_id]));
		if (names.size === 0) return [];
		const rows = await this.#records
			.selectFrom("returned_label")
			.selectAll()
			.where("recipient", "=", recipient)
			.where("subject", "in", [...names.keys()])
			.execute();
		return rows.flatMap((row) => {
			const account = names.get(row.subject);
			if (account === undefined) return [];
			const limit: Limit = {
				...{ purpose: "spam_and_abuse", label: row.label, scoreClass: row.score_class ?? undefined, caseId: undefined },
				...{ toldBy: recipient, sinceMs: row.since_ms, untilMs: row.until_ms },
				...{ objectedAtMs: undefined, decided: false },
			};
			return [[account, limit] as const];
		});
	}
}
