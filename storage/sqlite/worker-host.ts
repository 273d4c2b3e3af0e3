/** The callers' side of an engine that runs in a worker of its own: calls, answers, the end. */
import { Worker } from "node:worker_threads";
import type { LogId } from "@troth/protocol";
import { StoreError, type StoreErrorCode } from "../ports.ts";

/** What a worker can be asked: an argument and a result each, both cloned or transferred. */
export type Methods = Record<string, (argument: never) => unknown>;

/** An error as it crosses: a code for programs, a reason for people who read logs. */
export interface CrossedError {
	readonly code: StoreErrorCode;
	readonly reason: string;
	readonly existing?: string;
}

export type Question = { readonly call: number; readonly method: string; readonly argument: unknown };
/** In the order in which they were asked. */
export type Questions = readonly Question[];
export type AnswerMessage =
	| { readonly call: number; readonly value: unknown }
	| { readonly call: number; readonly error: CrossedError };

interface Asked {
	readonly question: Question;
	readonly transfer: readonly ArrayBuffer[];
}

interface Waiting {
	readonly resolve: (value: never) => void;
	readonly reject: (error: StoreError) => void;
}

/** Where an engine answers. */
export interface Host<Known extends Methods> {
	/**
	 * Asks the engine. Answers come in the order of the questions, but for a method that promises one. Rejects with
	 * StoreError.
	 */
	call<Name extends keyof Known & string>(
		method: Name,
		argument: Parameters<Known[Name]>[0],
		transfer?: readonly ArrayBuffer[],
	): Promise<Awaited<ReturnType<Known[Name]>>>;
	/** Lets the engine answer what it was asked, and closes it. */
	close(): Promise<void>;
}

export class WorkerHost<Known extends Methods> implements Host<Known> {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	/** Asked in this turn of the event loop. */
	#asked: Asked[] = [];
	readonly #exited: Promise<void>;
	#calls = 0;
	#state: "open" | "closing" | "ended" = "open";

	/** Starts the worker; `options` are its `workerData`. */
	constructor(script: URL, options: unknown) {
		this.#worker = new Worker(script, { workerData: options });
		this.#worker.on("message", (message: AnswerMessage) => this.#answer(message));
		let cause: unknown;
		this.#worker.on("error", (error) => {
			cause = error;
		});
		this.#exited = new Promise((resolve) => {
			this.#worker.on("exit", () => {
				this.#state = "ended";
				for (const { reject } of this.#waiting.values()) {
					reject(new StoreError("StoreFailed", "the store's worker has ended", { cause }));
				}
				this.#waiting.clear();
				resolve();
			});
		});
	}

	call<Name extends keyof Known & string>(
		method: Name,
		argument: Parameters<Known[Name]>[0],
		transfer: readonly ArrayBuffer[] = [],
	): Promise<Awaited<ReturnType<Known[Name]>>> {
		if (this.#state !== "open") return Promise.reject(new StoreError("StoreFailed", "the store is closed"));
		return this.#post(method, argument, transfer);
	}

	async close(): Promise<void> {
		if (this.#state === "open") {
			this.#state = "closing";
			await this.#post("close", undefined, []).catch(() => this.#worker.terminate());
		}
		await this.#exited;
	}

	#post<Value>(method: string, argument: unknown, transfer: readonly ArrayBuffer[]): Promise<Value> {
		const call = ++this.#calls;
		const question: Question = { call, method, argument };
		return new Promise<Value>((resolve, reject) => {
			this.#waiting.set(call, { resolve, reject });
			// To wake a thread costs more than most questions: what is asked in one turn goes to it in one message.
			if (this.#asked.push({ question, transfer }) === 1) setImmediate(() => this.#send());
		});
	}

	#send(): void {
		const asked = this.#asked;
		this.#asked = [];
		try {
			this.#postAll(asked);
		} catch {
			// One of them can not cross: the others need not suffer for it.
			for (const one of asked) this.#postAlone(one);
		}
	}

	#postAll(asked: readonly Asked[]): void {
		const questions: Questions = asked.map(({ question }) => question);
		this.#worker.postMessage(
			questions,
			asked.flatMap(({ transfer }) => transfer),
		);
	}

	#postAlone(one: Asked): void {
		try {
			this.#postAll([one]);
		} catch {
			const { call } = one.question;
			this.#waiting.get(call)?.reject(new StoreError("StoreFailed", "the question can not be asked"));
			this.#waiting.delete(call);
		}
	}

	#answer(message: AnswerMessage): void {
		const waiting = this.#waiting.get(message.call);
		this.#waiting.delete(message.call);
		if ("error" in message) waiting?.reject(toStoreError(message.error));
		else waiting?.resolve(message.value as never);
	}
}

export function toStoreError({ code, reason, existing }: CrossedError): StoreError {
	return new StoreError(code, reason, existing === undefined ? {} : { existing: existing as LogId });
}
