/** What a person or a program is told when something is refused: a code of a closed set, and words. */

export type ProblemCode =
	| "MALFORMED"
	| "UNAUTHENTICATED"
	| "WRONG_ORIGIN"
	| "NOT_FOUND"
	| "LOG_IN_WRONG"
	| "TOO_MANY_TRIES"
	| "EMAIL_TAKEN"
	| "PHONE_INVALID"
	| "CODE_WRONG"
	| "CODE_EXPIRED"
	| "NO_NUMBER"
	| "LIMITED"
	| "INTERNAL";

const STATUS: Record<ProblemCode, number> = {
	MALFORMED: 400,
	UNAUTHENTICATED: 401,
	WRONG_ORIGIN: 403,
	NOT_FOUND: 404,
	LOG_IN_WRONG: 401,
	TOO_MANY_TRIES: 429,
	EMAIL_TAKEN: 409,
	PHONE_INVALID: 400,
	CODE_WRONG: 400,
	CODE_EXPIRED: 400,
	NO_NUMBER: 409,
	LIMITED: 429,
	INTERNAL: 500,
};

/** A refusal. `message` is shown to people: it never repeats what they typed. */
export class Problem extends Error {
	override readonly name = "Problem";
	readonly code: ProblemCode;
	/** HTTP. */
	readonly status: number;
	/** When it may work again, UTC milliseconds. */
	readonly retryAtMs: number | undefined;

	constructor(code: ProblemCode, message: string, options: { retryAtMs?: number; cause?: unknown } = {}) {
		super(message, options.cause === undefined ? undefined : { cause: options.cause });
		this.code = code;
		this.status = STATUS[code];
		this.retryAtMs = options.retryAtMs;
	}
}

/** What a program is told. */
export function problemJson({ code, message, retryAtMs }: Problem) {
	return { error: { code, message, ...(retryAtMs !== undefined && { retryAt: retryAtMs }) } };
}
