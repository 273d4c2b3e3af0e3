import { readFile } from "node:fs/promises";
import { type Arguments, type Command, requireWord, type Surroundings, UsageError } from "../command.ts";
import { backup, restore, verify } from "./operator-backup.ts";
import { askOperator, OperatorRefusal } from "./operator-request.ts";

const TERMS = "/operator/terms";
const ROLLOUT = "/operator/rollout";
const REPORTS = "/operator/reports";
const WATCH_EVERY_MS = 2_000;

type Action = (args: Arguments, surroundings: Surroundings) => Promise<void>;

/** By the two words after `operator`. */
const ACTIONS: Readonly<Record<string, Action>> = {
	"terms publish": async (args, { output }) => {
		const text = await readFile(requireWord(args, 2, "FILE"), "utf8");
		const { version, publishedAt } = await ask(args, TERMS, { method: "POST", body: text });
		output.say({ version, publishedAt }, `Published version ${String(version)}. Everybody gets the notice.`);
	},
	"terms show": async (args, { output }) => {
		const answer = await ask(args, TERMS);
		const version = (name: string) => (answer[name] as { readonly version?: unknown } | null | undefined)?.version;
		const next = version("next");
		output.say(
			answer,
			`In force: version ${String(version("current"))}.${next === undefined ? "" : ` Ready: version ${String(next)}.`}`,
		);
	},
	rollout: async (args, { output }) => {
		for (;;) {
			const answer = await ask(args, ROLLOUT);
			// The newest: an older one that is still on its way is on its way to the same people.
			const [newest] = answer["versions"] as readonly Funnel[];
			if (newest === undefined) throw new OperatorRefusal("FAILED", "no version is published");
			output.say({ ...newest, now: answer["now"] }, describeFunnel(newest));
			if (!args.flag("watch") || newest.queued?.endedAtMs !== undefined || newest.queued === undefined) return;
			await new Promise((resolve) => setTimeout(resolve, WATCH_EVERY_MS));
		}
	},
	reports: async (args, { output }) => {
		const { reports } = (await ask(args, REPORTS)) as { readonly reports: readonly Report[] };
		for (const report of reports) {
			const { account, reason, at } = report;
			output.say({ ...report }, `${new Date(at).toISOString()}  ${account}  ${reason}`);
		}
		if (reports.length === 0) output.say({ reports: 0 }, "Nobody reported anything.");
	},
	backup,
	verify,
	restore,
};

/** What `GET /operator/rollout` says of a version. */
interface Funnel {
	readonly version: number;
	readonly accounts: number;
	readonly queued?: { readonly accounts: number; readonly devices: number; readonly endedAtMs?: number };
	readonly displayed: number;
	readonly accepted: number;
	readonly suspended: number;
	readonly onOlder: number;
	readonly purposes: readonly {
		readonly purpose: string;
		readonly granted: number;
		readonly refused: number;
		readonly withdrawn: number;
	}[];
}

interface Report {
	readonly account: string;
	readonly reason: unknown;
	readonly at: number;
}

function describeFunnel({ version, accounts, queued, ...counts }: Funnel): string {
	const under = queued !== undefined && queued.endedAtMs === undefined ? ", under way" : "";
	return [
		`Version ${version}, ${accounts} accounts`,
		`  queued      ${queued === undefined ? "nobody had to be told" : `${queued.accounts} (${queued.devices} devices)${under}`}`,
		`  displayed   ${counts.displayed}`,
		`  accepted    ${counts.accepted}`,
		`  on older    ${counts.onOlder}`,
		`  suspended   ${counts.suspended}`,
		...counts.purposes.map(({ purpose, granted, refused, withdrawn }) => {
			return `  ${purpose}: ${granted} yes, ${refused} no, ${withdrawn} taken back`;
		}),
	].join("\n");
}

export const operator: Command = {
	name: "operator",
	usage:
		"terms publish FILE | terms show | rollout [--watch] | reports | backup DIR | verify [DIR] | restore DIR, with --server URL --token TOKEN",
	summary: "the side of whoever runs the server",
	options: { server: "string", token: "string", watch: "boolean" },
	async run(args, surroundings) {
		const action = ACTIONS[args.words.slice(0, 2).join(" ")] ?? ACTIONS[args.words.slice(0, 1).join(" ")];
		if (action === undefined) throw new UsageError(`there is no operator ${args.words.slice(0, 2).join(" ")}`);
		await action(args, surroundings);
	},
};

async function ask(args: Arguments, path: string, init: RequestInit = {}): Promise<Readonly<Record<string, unknown>>> {
	const { status, answer } = await askOperator(args, path, init);
	if (status < 300) return answer;
	throw new OperatorRefusal(CODES[status] ?? "FAILED", describe(status, answer));
}

const CODES: Readonly<Record<number, string>> = { 404: "NOT_FOUND", 409: "VERSION_EXISTS", 422: "POLICY_INVALID" };

function describe(status: number, body: Readonly<Record<string, unknown>>): string {
	if (status === 409) return "this version was published already";
	return status === 422 ? `the policy breaks rules: ${JSON.stringify(body)}` : `the server answered ${status}`;
}
