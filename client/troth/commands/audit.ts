import { randomInt } from "node:crypto";
import { type Audit, auditLog, parseDecimal, parseTreeHash, toBase64 } from "@troth/transparency";
import { type Arguments, type Command, countOption, requireWord, UsageError } from "../command.ts";

const TIMEOUT_MS = 30_000;
/** `randomInt` takes no more. */
const MOST_RANDOM = 2 ** 48 - 1;

export const audit: Command = {
	name: "audit",
	usage: "LOG_URL --vkey KEY [--since SIZE[:ROOT]] [--witness VKEY[,VKEY…]] [--quorum N]",
	summary: "checks a log from outside: signature, witnesses, consistency, and that it gives out what it signed",
	options: { vkey: "string", since: "string", witness: "string", quorum: "string" },
	async run(args, { output }) {
		const url = requireWord(args, 0, "LOG_URL");
		if (!URL.canParse(url)) throw new UsageError("LOG_URL is no URL");
		const log = args.option("vkey");
		if (log === undefined || log === "") throw new UsageError("--vkey is missing");
		const witnesses = args.option("witness")?.split(",") ?? [];
		const quorum = countOption(args, "quorum") ?? witnesses.length;
		const result = await auditLog({
			url,
			trust: { log, witnesses, quorum },
			since: sinceOption(args),
			get: (file) => fetch(file, { signal: AbortSignal.timeout(TIMEOUT_MS) }),
			random: (below) => randomInt(Math.min(below, MOST_RANDOM)),
		});
		output.say(asJson(result), asText(result));
	},
};

/** "SIZE" or, as an earlier audit printed it, "SIZE:ROOT". */
function sinceOption(args: Arguments): { size: number; root: Uint8Array | undefined } | undefined {
	const text = args.option("since");
	if (text === undefined) return undefined;
	const [sizeText = "", rootText] = text.split(":");
	const size = parseDecimal(sizeText);
	const root = rootText === undefined ? undefined : parseTreeHash(rootText);
	if (size === undefined || (rootText !== undefined && root === undefined))
		throw new UsageError("--since: a size, or a size, a colon and the root in base 64");
	return { size, root };
}

function asJson({ checkpoint, witnessed, since, leaves, whole }: Audit) {
	return {
		origin: checkpoint.origin,
		size: checkpoint.size,
		root: toBase64(checkpoint.root),
		witnesses: witnessed.map(({ name, atMs }) => ({ name, at: atMs })),
		...(since && { since: { size: since.size, root: toBase64(since.root) } }),
		leaves,
		whole,
	};
}

function asText({ checkpoint, witnessed, since, leaves, whole }: Audit): string {
	const { origin, size, root } = checkpoint;
	const seen = witnessed.map(({ name, atMs }) => `  ${name}, ${new Date(atMs).toISOString()}`);
	return [
		`${origin}: ${size} leaves, signed by its key.`,
		seen.length === 0 ? "No witness was asked for." : "Cosigned by",
		...seen,
		...(since === undefined ? [] : [`Goes on from the ${since.size} leaves of ${toBase64(since.root)}.`]),
		whole ? "Every leaf and every tile is what it signed." : `${leaves} leaves, taken at random, are what it signed.`,
		`Next time: --since ${size}:${toBase64(root)}`,
	].join("\n");
}
