/** Who has blocked whom: what was asked and answered, and what stands in the server's records. */
import { fromBinary } from "@bufbuild/protobuf";
import { type AccountId, BlockAccountRequestSchema, toHex, UnblockAccountRequestSchema } from "@troth/protocol";
import type { HttpRequest } from "./link.ts";

const SCHEMAS = { BlockAccount: BlockAccountRequestSchema, UnblockAccount: UnblockAccountRequestSchema } as const;

export class Blocks {
	/** By who asked and whom it is about: what was answered last; undefined while something is asked. */
	readonly #answered = new Map<string, boolean | undefined>();
	readonly #stands: (account: AccountId, blocked: AccountId) => boolean;

	/** @param stands looks into the server's records */
	constructor(stands: (account: AccountId, blocked: AccountId) => boolean) {
		this.#stands = stands;
	}

	asked(account: AccountId, request: HttpRequest): void {
		const about = aboutOf(account, request);
		if (about !== undefined) this.#answered.set(about.pair, undefined);
	}

	answered(account: AccountId, request: HttpRequest): void {
		const about = aboutOf(account, request);
		if (about !== undefined) this.#answered.set(about.pair, about.blocked);
	}

	/** It was told that it is done, and nothing was asked since. */
	surely(account: AccountId, blocked: AccountId): boolean {
		return this.#answered.get(pairOf(account, blocked)) === true && this.#stands(account, blocked);
	}

	/** It was never asked for, or taken back. */
	surelyNot(account: AccountId, blocked: AccountId): boolean {
		const pair = pairOf(account, blocked);
		const free = this.#answered.has(pair) ? this.#answered.get(pair) === false : true;
		return free && !this.#stands(account, blocked);
	}
}

function aboutOf(account: AccountId, { path, body }: HttpRequest): { pair: string; blocked: boolean } | undefined {
	const method = path.split("/").at(-1);
	if (method !== "BlockAccount" && method !== "UnblockAccount") return undefined;
	const { accountId } = fromBinary(SCHEMAS[method], body);
	return { pair: pairOf(account, toHex(accountId) as AccountId), blocked: method === "BlockAccount" };
}

function pairOf(account: AccountId, blocked: AccountId): string {
	return `${account} ${blocked}`;
}
