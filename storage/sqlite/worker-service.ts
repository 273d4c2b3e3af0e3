/** The worker's side: answers questions one after the other, and those that take long when they are done. */
import { parentPort } from "node:worker_threads";
import Database from "better-sqlite3";
import { StoreError, type StoreErrorCode } from "../ports.ts";
import type { AnswerMessage, CrossedError, Methods, Question, Questions } from "./worker-host.ts";

export interface Service<Known extends Methods> {
	readonly methods: Known;
	/** Runs when an answer has been posted: work that nobody waits for. */
	afterwards?(): void;
	/** Closes the engine; the worker ends after it. */
	close(): void;
}

/**
 * Serves until it is asked to close. `open` runs first; when it fails, every question is answered with that failure.
 * ArrayBuffers that a method returns in `transfer` are handed over instead of copied.
 */
export function serve<Known extends Methods>(open: () => Service<Known>): void {
	const port = parentPort;
	if (port === null) throw new Error("this file runs in a worker");
	const service = attempt(open);
	const answerTo = ({ call, method, argument }: Question): void => {
		const closing = method === "close";
		const answer = attempt(() => {
			if ("error" in service) throw service.error;
			return closing ? service.value.close() : service.value.methods[method]?.(argument as never);
		});
		const post = (settled: Attempt<unknown>) => {
			const message: AnswerMessage =
				"error" in settled ? { call, error: crossed(settled.error) } : { call, value: settled.value };
			port.postMessage(message, "error" in settled ? [] : buffersOf(settled.value));
		};
		// What takes long goes on between other questions.
		if ("value" in answer && answer.value instanceof Promise)
			answer.value.then(
				(value: unknown) => post({ value }),
				(error: unknown) => post({ error }),
			);
		else post(answer);
		if (closing) port.close();
		else if ("value" in service) service.value.afterwards?.();
	};
	port.on("message", (questions: Questions) => {
		for (const question of questions) answerTo(question);
	});
}

/** Buffers at the top of an answer cross without a copy: the layouts put them there for this. */
function buffersOf(value: unknown): ArrayBuffer[] {
	if (typeof value !== "object" || value === null) return [];
	return Object.values(value).filter((field) => field instanceof ArrayBuffer);
}

type Attempt<Value> = { readonly value: Value } | { readonly error: unknown };

function attempt<Value>(work: () => Value): Attempt<Value> {
	try {
		return { value: work() };
	} catch (error) {
		return { error };
	}
}

/** The code of an engine's error. SQLite's message stays here: it may quote what was stored. */
export function crossed(error: unknown): CrossedError {
	if (error instanceof StoreError) {
		return {
			code: error.code,
			reason: error.message,
			...(error.existing !== undefined && { existing: error.existing }),
		};
	}
	if (error instanceof Database.SqliteError) return { code: codeOf(error.code), reason: error.code };
	return { code: "StoreFailed", reason: error instanceof Error ? error.name : "unknown" };
}

function codeOf(code: string): StoreErrorCode {
	switch (code) {
		case "SQLITE_FULL":
			return "StoreFull";
		case "SQLITE_CONSTRAINT_UNIQUE":
		case "SQLITE_CONSTRAINT_PRIMARYKEY":
			return "Conflict";
		default:
			return "StoreFailed";
	}
}
