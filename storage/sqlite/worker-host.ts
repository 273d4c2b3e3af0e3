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
export type Answer =
	| { readonly call: number; readonly value: unknown }
	| { readonly call: number; readonly error: CrossedError };
/** In the order of the questions. `idle`: all that was asked is answered, but for what takes long. */
export interface Answers {
	readonly answers: readonly Answer[];
	readonly idle: boolean;
}

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
	/** Asked while the worker was busy, or in this turn of the event loop. */
	#asked: Asked[] = [];
	/** It has questions that it did not answer yet. */
	#busy = false;
	#sending = false;
	readonly #exited: Promise<void>;
	#calls = 0;
	#state: "open" | "closing" | "ended" = "open";

	/** Starts the worker; `options` are its `workerData`. */
	constructor(script: URL, options: unknown) {
		this.#worker = new Worker(script, { workerData: options });
		this.#worker.on("message", ({ answers, idle }: Answers) => {
			if (idle) this.#busy = false;
			for (const answer of answers) this.#answer(answer);
			if (idle && this.#asked.length > 0) this.#sendSoon();
		});
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
			// To wake a thread costs more than most questions: what is asked in one turn, or while the worker has something to
			// do anyway, goes to it in one message.
			this.#asked.push({ question, transfer });
			if (!this.#busy) this.#sendSoon();
		});
	}

	#sendSoon(): void {
		if (this.#sending) return;
		this.#sending = true;
		setImmediate(() => {
			this.#sending = false;
			this.#send();
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
		this.#busy = true;
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

	#answer(answer: Answer): void {
		const waiting = this.#waiting.get(answer.call);
		this.#waiting.delete(answer.call);
		if ("error" in answer) waiting?.reject(toStoreError(answer.error));
		else waiting?.resolve(answer.value as never);
	}
}

export function toStoreError({ code, reason, existing }: CrossedError): StoreError {
	return new StoreError(code, reason, existing === undefined ? {} : { existing: existing as LogId });
}
