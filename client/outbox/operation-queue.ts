/** The group changes that were asked for in one conversation: one commit at a time, planned anew when a race is lost. */
import { type AccountId, type ConversationId, isRefusal, Refusal } from "@troth/protocol";
import { changeConversation } from "../conversations/rows.ts";
import type { DeviceContext } from "../device/context.ts";
import { leftWithout } from "../identity/unlisted.ts";
import { KEYS } from "../state/keys.ts";
import { toRefusal } from "../sync/rpc.ts";
import { type Change, type Claimed, claimKeyPackages, prepareCommit } from "./operations.ts";

/** Races against other members' commits before an operation is given up. */
const ATTEMPTS = 12;

interface Operation {
	readonly change: Change | { readonly kind: "create" };
	claimed: readonly Claimed[];
	/** The pending commit that carries it. */
	clientSeq: number | undefined;
	attempts: number;
	readonly resolve: () => void;
	readonly reject: (refusal: Refusal) => void;
}

export class OperationQueue {
	readonly #context: DeviceContext;
	readonly #id: ConversationId;
	readonly #waiting: Operation[] = [];

	constructor(context: DeviceContext, id: ConversationId) {
		this.#context = context;
		this.#id = id;
	}

	get empty(): boolean {
		return this.#waiting.length === 0;
	}

	/** Resolves when the change is in the log and adopted here; rejects with the refusal. */
	push(change: Change): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ change, claimed: [], clientSeq: undefined, attempts: 0, resolve, reject });
		});
	}

	/** Waits for a commit that is pending already: that which creates the conversation. */
	follow(clientSeq: number): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#waiting.unshift({ change: { kind: "create" }, claimed: [], clientSeq, attempts: 0, resolve, reject });
		});
	}

	/** Makes sure that the removals the server waits for are committed next. */
	settle(): void {
		if (this.#waiting[0] !== undefined) return;
		const ignore = () => undefined;
		this.#waiting.unshift({
			change: { kind: "settle" },
			claimed: [],
			clientSeq: undefined,
			attempts: 0,
			resolve: ignore,
			reject: ignore,
		});
	}

	/** Turns the first operation into a pending commit. True where something was done; why not, where leaves have to go. */
	async advance(): Promise<boolean | Refusal> {
		const [operation] = this.#waiting;
		if (operation === undefined || operation.change.kind === "create") return false;
		const { change } = operation;
		try {
			if (change.kind === "add" && operation.claimed.length === 0)
				operation.claimed = await claimKeyPackages(this.#context, this.#newcomers(change.accounts));
			if (change.kind === "replace" && operation.claimed.length === 0 && !this.#isIn(change.successor))
				operation.claimed = await claimKeyPackages(this.#context, [change.successor]);
			if (change.kind === "settle") operation.claimed = await this.#replacements();
			const pending = await this.#context.state.transact(async (draft) => {
				const prepared = await prepareCommit(this.#context, draft, this.#id, change, operation.claimed);
				// Whoever was to be removed is gone already.
				if (prepared === undefined)
					await changeConversation(draft, this.#id, (record) => ({ ...record, removalsRequired: [] }));
				return prepared;
			});
			if (pending === undefined) this.#finish(operation, () => operation.resolve());
			else operation.clientSeq = pending.clientSeq;
		} catch (error) {
			const refusal = toRefusal(error);
			this.#finish(operation, () => operation.reject(refusal));
			if (change.kind === "settle") return refusal;
		}
		return true;
	}

	/** Who would be left with none of the devices that they list comes in with one; the others come by themselves. */
	async #replacements(): Promise<readonly Claimed[]> {
		const context = this.#context;
		const accounts = await context.state.transact((draft) => leftWithout(context, draft, this.#id));
		if (accounts.length === 0) return [];
		try {
			const claimed = await claimKeyPackages(context, accounts);
			return accounts.flatMap((account) => claimed.find((one) => one.account === account) ?? []);
		} catch (error) {
			if (isRefusal(error, "NO_KEY_PACKAGE", "NOT_FOUND")) return [];
			throw error;
		}
	}

	#isIn(account: AccountId): boolean {
		const record = this.#context.state.kept(KEYS.conversation(this.#id));
		return record?.members.some((member) => member.account === account) === true;
	}

	#newcomers(accounts: Extract<Change, { kind: "add" }>["accounts"]) {
		const missing = accounts.filter((account) => !this.#isIn(account));
		if (missing.length === 0) throw new Refusal("MALFORMED", "everybody is in the conversation already");
		return missing;
	}

	committed(clientSeq: number): void {
		const operation = this.#carriedBy(clientSeq);
		if (operation !== undefined) this.#finish(operation, () => operation.resolve());
	}

	lostRace(clientSeq: number): void {
		const operation = this.#carriedBy(clientSeq);
		if (operation === undefined) return;
		operation.clientSeq = undefined;
		if (++operation.attempts < ATTEMPTS) return;
		this.#finish(operation, () =>
			operation.reject(new Refusal("STALE_EPOCH", "others changed the group all the time")),
		);
	}

	/** True where leaves that had to go stay because of it. */
	refused(clientSeq: number, refusal: Refusal): boolean {
		const operation = this.#carriedBy(clientSeq);
		if (operation !== undefined) this.#finish(operation, () => operation.reject(refusal));
		return operation?.change.kind === "settle";
	}

	/** The stream is gone: what was not begun is told so, what is under way is decided by the server. */
	detached(): void {
		for (const operation of this.#waiting.filter(({ clientSeq }) => clientSeq === undefined))
			this.#finish(operation, () => operation.reject(new Refusal("UNAVAILABLE", "there is no connection")));
	}

	rejectAll(refusal: Refusal): void {
		for (const operation of [...this.#waiting]) this.#finish(operation, () => operation.reject(refusal));
	}

	#carriedBy(clientSeq: number): Operation | undefined {
		return this.#waiting.find((operation) => operation.clientSeq === clientSeq);
	}

	#finish(operation: Operation, tell: () => void): void {
		const index = this.#waiting.indexOf(operation);
		if (index >= 0) this.#waiting.splice(index, 1);
		tell();
	}
}
