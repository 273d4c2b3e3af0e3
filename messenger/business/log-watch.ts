/**
 * The rule of business messages in one conversation with a business in it: what each member said, and when they last
 * wrote, in memory beside the log's owner. Conversations of people have none, and cost nothing.
 */
import type { AccountId, LogId } from "@troth/protocol";
import type { Businesses, SaidToBusinesses } from "../context.ts";
import { type CategoryHeader, judgeBusiness, judgePerson, type Receiver } from "./category-rule.ts";

export class LogWatch {
	readonly #log: LogId;
	readonly #businesses: Businesses;
	readonly #members: ReadonlyMap<AccountId, unknown>;
	readonly #wroteMs = new Map<AccountId, number>();
	#said: ReadonlyMap<AccountId, SaidToBusinesses> = new Map();

	/** @param members the accounts in the log, as its owner keeps them: read again with every question */
	constructor(log: LogId, members: ReadonlyMap<AccountId, unknown>, businesses: Businesses) {
		this.#log = log;
		this.#members = members;
		this.#businesses = businesses;
	}

	/** Reads what everybody said, and when they wrote as far as that was written down. Rejects with StoreError. */
	async refresh(): Promise<void> {
		const said = await Promise.all(
			[...this.#members.keys()].map(async (person) => [person, await this.#businesses.saidBy(person)] as const),
		);
		for (const [person, atMs] of await this.#businesses.wroteIn(this.#log)) this.#noteWrote(person, atMs);
		this.#said = new Map(said);
	}

	/** A message of this account is stored. */
	wrote(account: AccountId, atMs: number): void {
		this.#noteWrote(account, atMs);
		if (!this.#businesses.isBusiness(account)) this.#businesses.noteWrote(this.#log, account, atMs);
	}

	#noteWrote(account: AccountId, atMs: number): void {
		if (atMs > (this.#wroteMs.get(account) ?? 0)) this.#wroteMs.set(account, atMs);
	}

	/**
	 * A business that somebody blocked is told nothing more of them, as if they were away: what it sends stays `sent`.
	 * @param blocked whom they blocked; undefined while that is being asked
	 */
	hidesProgress(blocked: ReadonlySet<AccountId> | undefined, from: AccountId): boolean {
		return this.#businesses.isBusiness(from) && (blocked === undefined || blocked.has(from));
	}

	/** Throws the refusal where this account may not send this now. */
	require(sender: AccountId, header: CategoryHeader, nowMs: number): void {
		const refusal = this.#businesses.isBusiness(sender)
			? judgeBusiness(header, this.#receivers(sender), nowMs)
			: judgePerson(header);
		if (refusal !== undefined) throw refusal;
	}

	*#receivers(business: AccountId): Iterable<Receiver> {
		for (const person of this.#members.keys()) {
			if (person === business) continue;
			const said = this.#said.get(person)?.get(business);
			yield { said: (category) => said?.get(category), wroteMs: this.#wroteMs.get(person) };
		}
	}
}

/** Throws CATEGORY_INVALID where somebody says what only businesses say, in a conversation without one. */
export function requirePerson(header: CategoryHeader): void {
	const refusal = judgePerson(header);
	if (refusal !== undefined) throw refusal;
}
