/** The worker's side: answers questions one after the other, and those that take long when they are done. */
import { parentPort } from "node:worker_threads";
import Database from "better-sqlite3";
import { StoreError, type StoreErrorCode } from "../ports.ts";
import type { Answer, Answers, CrossedError, Methods, Question, Questions } from "./worker-host.ts";

export interface Service<Known extends Methods> {
	readonly methods: Known;
	/** Runs when answers have been posted: work that nobody waits for. */
	afterwards?(): void;
	/** Closes the engine; the worker ends after it. */
	close(): void;
}

/**
 * Serves until it is asked to close. `open` runs first; when it fails, every question is answered with that failure.
 * ArrayBuffers that a method returns in `transfer` are handed over instead of copied. Questions that came together are
 * answered together: to wake a thread costs more than most answers.
 */
export function serve<Known extends Methods>(open: () => Service<Known>): void {
	const port = parentPort;
	if (port === null) throw new Error("this file runs in a worker");
	const service = attempt(open);
	const post = (answers: readonly Answer[], idle: boolean) => {
		const message: Answers = { answers, idle };
		port.postMessage(message, answers.flatMap(buffersOf));
	};
	const settled = (question: Question): Attempt<unknown> =>
		attempt(() => {
			if ("error" in service) throw service.error;
			if (question.method === "close") return service.value.close();
			return service.value.methods[question.method]?.(question.argument as never);
		});
	port.on("message", (questions: Questions) => {
		const answers: Answer[] = [];
		for (const question of questions) {
			const { call } = question;
			const outcome = settled(question);
			// What takes long goes on between other questions.
			if ("value" in outcome && outcome.value instanceof Promise)
				outcome.value.then(
					(value: unknown) => post([answerOf(call, { value })], false),
					(error: unknown) => post([answerOf(call, { error })], false),
				);
			else answers.push(answerOf(call, outcome));
		}
		post(answers, true);
		if (questions.some(({ method }) => method === "close")) port.close();
		else if ("value" in service) service.value.afterwards?.();
	});
}

const answerOf = (call: number, outcome: Attempt<unknown>): Answer =>
	"error" in outcome ? { call, error: crossed(outcome.error) } : { call, value: outcome.value };

/** Buffers at the top of an answer cross without a copy: the layouts put them there for this. */
function buffersOf(answer: Answer): ArrayBuffer[] {
	const value = "value" in answer ? answer.value : undefined;
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
