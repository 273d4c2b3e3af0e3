/** A request with the operator's token. */
import { type Arguments, UsageError } from "../command.ts";

export class OperatorRefusal extends Error {
	override readonly name = "OperatorRefusal";
	readonly code: string;
	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}

/** The status and the JSON of the answer. Throws OperatorRefusal: UNAVAILABLE, UNAUTHENTICATED. */
export async function askOperator(
	args: Arguments,
	path: string,
	init: RequestInit = {},
): Promise<{ readonly status: number; readonly answer: Readonly<Record<string, unknown>> }> {
	const [server, token] = ["server", "token"].map((option) => {
		const value = args.option(option);
		if (value === undefined || value === "") throw new UsageError(`--${option} is missing`);
		return value;
	}) as [string, string];
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const response = await fetch(new URL(path, server), { ...init, headers }).catch(() => undefined);
	if (response === undefined) throw new OperatorRefusal("UNAVAILABLE", "the server can not be reached");
	if (response.status === 401)
		throw new OperatorRefusal("UNAUTHENTICATED", "the operator's token is not this server's");
	const answer: unknown = await response.json().catch(() => undefined);
	const body = typeof answer === "object" && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {};
	return { status: response.status, answer: body };
}
