/**
 * The errors of the Graph surface: one class, codes of a closed set. Clients decide by `code` and `error_subcode`, so
 * these are the contract; texts may change. They never quote what was sent: it may be a number or its hash.
 */

interface GraphErrorRow {
	readonly status: number;
	readonly type: "OAuthException" | "GraphMethodException" | "FacebookApiException";
	readonly code: number;
	readonly subcode?: number;
}

const ROWS = {
	/** A parameter is missing, unknown, or not of its form. */
	invalidParameter: { status: 400, type: "OAuthException", code: 100 },
	/** No such object, or not this account's: nobody is told which. */
	noSuchObject: { status: 400, type: "GraphMethodException", code: 100, subcode: 33 },
	/** The path names no endpoint, or not with this method. */
	unsupported: { status: 400, type: "GraphMethodException", code: 100 },
	tooLarge: { status: 413, type: "OAuthException", code: 100 },
	tooManyParameters: { status: 400, type: "OAuthException", code: 105 },
	badToken: { status: 401, type: "OAuthException", code: 190 },
	permission: { status: 403, type: "OAuthException", code: 200 },
	/** An upload that can not be taken as a whole: more rows than a request may hold. */
	updateFailed: { status: 400, type: "OAuthException", code: 2650 },
	termsNotAccepted: { status: 400, type: "OAuthException", code: 2655 },
	/** Ours, and worth another try. */
	temporary: { status: 500, type: "FacebookApiException", code: 2 },
} as const satisfies Record<string, GraphErrorRow>;

export type GraphErrorKind = keyof typeof ROWS;

export interface GraphErrorDetails {
	/** For people, in the advertiser's tools. */
	readonly userTitle?: string;
	readonly userMessage?: string;
	readonly cause?: unknown;
}

/** What an endpoint refuses with. */
export class GraphError extends Error {
	override readonly name = "GraphError";
	readonly kind: GraphErrorKind;
	readonly details: GraphErrorDetails;

	constructor(kind: GraphErrorKind, message: string, details: GraphErrorDetails = {}) {
		super(message, details.cause === undefined ? undefined : { cause: details.cause });
		this.kind = kind;
		this.details = details;
	}

	get status(): number {
		return ROWS[this.kind].status;
	}

	get code(): number {
		return ROWS[this.kind].code;
	}

	get subcode(): number | undefined {
		const row: GraphErrorRow = ROWS[this.kind];
		return row.subcode;
	}

	/** The envelope of section 1. @param traceId what the operator finds this answer by */
	envelope(traceId: string) {
		const { type, code } = ROWS[this.kind];
		const { userTitle, userMessage } = this.details;
		return {
			error: {
				message: `(#${code}) ${this.message}`,
				type,
				code,
				...(this.subcode !== undefined && { error_subcode: this.subcode }),
				...(userTitle !== undefined && { error_user_title: userTitle }),
				...(userMessage !== undefined && { error_user_msg: userMessage }),
				fbtrace_id: traceId,
			},
		};
	}
}
