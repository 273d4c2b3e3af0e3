/**
 * `npm run canary`: an auditor registers numbers that only the messenger knows, refuses all sharing with them, and asks
 * later, by the companies' public means, whether they know them (`docs/auditing.md`).
 *
 *     npm run canary -- plant --dir DIR --server URL --phone +1… [--phone …] [--sms URL]
 *     npm run canary -- check --dir DIR --recipient URL [--recipient …] [--sms URL] [--json]
 *
 * Exit code 0: no company knows any of them. 1: one does. 2: wrong usage. 3: not everything could be asked.
 */
import { createInterface } from "node:readline/promises";
import { parseArgs } from "node:util";
import { checkCanaries, type Verdict } from "./canaries/check.ts";
import { askTerminal, type CodeFor, smsCodes } from "./canaries/codes.ts";
import { plantCanaries } from "./canaries/plant.ts";

const USAGE = `usage: npm run canary -- plant --dir DIR --server URL --phone NUMBER [--phone NUMBER …] [--sms URL]
       npm run canary -- check --dir DIR --recipient URL [--recipient URL …] [--sms URL] [--json]`;

const OPTIONS = {
	dir: { type: "string" },
	server: { type: "string" },
	phone: { type: "string", multiple: true },
	recipient: { type: "string", multiple: true },
	sms: { type: "string" },
	json: { type: "boolean", default: false },
} as const;

async function main(argv: readonly string[]): Promise<number> {
	const settings = readSettings(argv);
	if (settings === undefined) {
		console.error(USAGE);
		return 2;
	}
	const { command, dir, server, phone, recipient, sms, json } = settings;
	using terminal = sms === undefined ? createInterface({ input: process.stdin, output: process.stderr }) : undefined;
	const codeFor: CodeFor = sms === undefined ? askTerminal((question) => terminal?.question(question)) : smsCodes(sms);
	if (command === "plant") {
		const planted = await plantCanaries({ directory: dir, server, phones: phone, codeFor });
		for (const one of planted) console.log(`planted ${one}`);
		return 0;
	}
	const verdict = await checkCanaries({ directory: dir, recipients: recipient, codeFor });
	console.log(json ? JSON.stringify(verdict) : describe(verdict));
	return { unknown: 0, known: 1, open: 3 }[verdict.verdict];
}

function readSettings(argv: readonly string[]) {
	try {
		const { values, positionals } = parseArgs({
			args: [...argv],
			options: OPTIONS,
			strict: true,
			allowPositionals: true,
		});
		const [command] = positionals;
		const { dir, server = "", phone = [], recipient = [], sms, json } = values;
		const urls = [...recipient, ...(sms === undefined ? [] : [sms]), ...(command === "plant" ? [server] : [])];
		if (positionals.length !== 1 || !dir || !urls.every((url) => URL.canParse(url))) return undefined;
		if (command === "plant" ? phone.length === 0 : command !== "check" || recipient.length === 0) return undefined;
		return { command, dir, server, phone, recipient, sms, json } as const;
	} catch {
		return undefined;
	}
}

function describe({ verdict, answers, shares }: Verdict): string {
	const lines = answers.map(({ phone, recipient, answer, items }) => {
		const held = items.map(({ what, purpose, source }) => [what, purpose, source].filter(Boolean).join(" ")).join(", ");
		return `${phone}  ${recipient}  ${answer}${held === "" ? "" : `: ${held}`}`;
	});
	const own = shares.map(({ phone, answer }) => `${phone}  own list of shares  ${answer}`);
	const last = {
		unknown: "No company that was asked knows any of these numbers.",
		known: "A NUMBER IS KNOWN that was never allowed to be shared. Keep this, and ask both sides how.",
		open: "Nothing was found, but not everything could be asked.",
	}[verdict];
	return [...lines, ...own, last].join("\n");
}

try {
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	console.error(error instanceof Error ? error.message : "the canaries failed");
	process.exitCode = 3;
}
