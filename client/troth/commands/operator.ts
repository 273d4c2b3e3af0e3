import { readFile } from "node:fs/promises";
import { type Arguments, type Command, requireWord, type Surroundings, UsageError } from "../command.ts";

const PATH = "/operator/terms";

type Action = (args: Arguments, surroundings: Surroundings) => Promise<void>;

/** By the two words after `operator`. */
const ACTIONS: Readonly<Record<string, Action>> = {
	"terms publish": async (args, { output }) => {
		const text = await readFile(requireWord(args, 2, "FILE"), "utf8");
		const { version, publishedAt } = await ask(args, { method: "POST", body: text });
		output.say({ version, publishedAt }, `Published version ${String(version)}. Everybody gets the notice.`);
	},
	"terms show": async (args, { output }) => {
		const answer = await ask(args, { method: "GET" });
		const version = (name: string) => (answer[name] as { readonly version?: unknown } | null | undefined)?.version;
		const next = version("next");
		output.say(
			answer,
			`In force: version ${String(version("current"))}.${next === undefined ? "" : ` Ready: version ${String(next)}.`}`,
		);
	},
};

export const operator: Command = {
	name: "operator",
	usage: "terms publish FILE | terms show, with --server URL --token TOKEN",
	summary: "the side of whoever runs the server",
	options: { server: "string", token: "string" },
	async run(args, surroundings) {
		const action = ACTIONS[args.words.slice(0, 2).join(" ")];
		if (action === undefined) throw new UsageError(`there is no operator ${args.words.slice(0, 2).join(" ")}`);
		await action(args, surroundings);
	},
};

async function ask(args: Arguments, init: RequestInit): Promise<Readonly<Record<string, unknown>>> {
	const [server, token] = ["server", "token"].map((option) => {
		const value = args.option(option);
		if (value === undefined || value === "") throw new UsageError(`--${option} is missing`);
		return value;
	}) as [string, string];
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const response = await fetch(new URL(PATH, server), { ...init, headers }).catch(() => undefined);
	if (response === undefined) throw new OperatorRefusal("UNAVAILABLE", "the server can not be reached");
	const answer: unknown = await response.json().catch(() => undefined);
	const body = typeof answer === "object" && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {};
	if (response.ok) return body;
	throw new OperatorRefusal(CODES[response.status] ?? "FAILED", describe(response.status, body));
}

const CODES: Readonly<Record<number, string>> = {
	401: "UNAUTHENTICATED",
	404: "NOT_FOUND",
	409: "VERSION_EXISTS",
	422: "POLICY_INVALID",
};

function describe(status: number, body: Readonly<Record<string, unknown>>): string {
	if (status === 401) return "the operator's token is not this server's";
	if (status === 409) return "this version was published already";
	return status === 422 ? `the policy breaks rules: ${JSON.stringify(body)}` : `the server answered ${status}`;
}

class OperatorRefusal extends Error {
	override readonly name = "OperatorRefusal";
	readonly code: string;
	constructor(code: string, message: string) {
		super(message);
		this.code = code;
	}
}
