import { randomInt } from "node:crypto";
import {
	type Audit,
	auditIndex,
	auditLog,
	type IndexAudit,
	isPolicyLog,
	type LoggedPolicy,
	ProofError,
	parseDecimal,
	parseTreeHash,
	readPolicyLog,
	toBase64,
} from "@troth/transparency";
import { type Arguments, type Command, countOption, requireWord, UsageError } from "../command.ts";

const TIMEOUT_MS = 30_000;
/** `randomInt` takes no more. */
const MOST_RANDOM = 2 ** 48 - 1;
/** The whole log is held against its index. */
const ALL = Number.MAX_SAFE_INTEGER;

export const audit: Command = {
	name: "audit",
	usage:
		"LOG_URL --vkey KEY [--since SIZE[:ROOT]] [--witness VKEY[,VKEY…]] [--quorum N] [--index-vkey KEY] [--server URL]",
	summary:
		"checks a log from outside: signature, witnesses, consistency, that it gives out what it signed; versions of a policy log, with --server against the published pages; the index of chain values with --index-vkey",
	options: {
		vkey: "string",
		since: "string",
		witness: "string",
		quorum: "string",
		"index-vkey": "string",
		server: "string",
	},
	async run(args, { output }) {
		const url = requireWord(args, 0, "LOG_URL");
		if (!URL.canParse(url)) throw new UsageError("LOG_URL is no URL");
		const log = args.option("vkey");
		if (log === undefined || log === "") throw new UsageError("--vkey is missing");
		const server = args.option("server");
		if (server !== undefined && !URL.canParse(server)) throw new UsageError("--server is no URL");
		const witnesses = args.option("witness")?.split(",") ?? [];
		const quorum = countOption(args, "quorum") ?? witnesses.length;
		const indexVkey = args.option("index-vkey");
		const since = sinceOption(args);
		// The index first: what it is about is in the log by then.
		const indexAt = `${url.replace(/\/$/, "")}/index`;
		const published =
			indexVkey === undefined
				? undefined
				: await auditLog({
						url: indexAt,
						trust: { log: indexVkey, witnesses, quorum },
						get,
						random,
						wholeUpTo: ALL,
					});
		const whole = published === undefined ? {} : { wholeUpTo: ALL };
		const result = await auditLog({ url, trust: { log, witnesses, quorum }, since, get, random, ...whole });
		const { origin } = result.checkpoint;
		const leaves = result.entries ?? [];
		const index = published && auditIndex({ origin, leaves, entries: published.entries ?? [], random });
		const policies = isPolicyLog(origin) ? await readVersions(leaves, server) : undefined;
		output.say(asJson(result, index, policies), asText(result, index, policies));
	},
};

const get = (file: string) => fetch(file, { signal: AbortSignal.timeout(TIMEOUT_MS) });
const random = (below: number) => randomInt(Math.min(below, MOST_RANDOM));

interface AuditedPolicy extends LoggedPolicy {
	/** As the server says; undefined where it was not asked. */
	readonly publishedAtMs: number | undefined;
}

/** The versions in the log, and with a server's address whether it publishes the same ones. */
async function readVersions(entries: readonly Uint8Array[], server: string | undefined): Promise<AuditedPolicy[]> {
	const policies: AuditedPolicy[] = [];
	for (const policy of readPolicyLog(entries)) {
		const page = server === undefined ? undefined : await readPage(server, policy.version);
		if (page !== undefined && page.hash !== policy.hash)
			throw new ProofError("INCONSISTENT", `the server publishes another version ${policy.version} than its log has`);
		policies.push({ ...policy, publishedAtMs: page?.publishedAt });
	}
	const next = (policies.at(-1)?.version ?? 0) + 1;
	if (server !== undefined && (await readPage(server, next, true)) !== undefined)
		throw new ProofError("INCONSISTENT", `the server publishes a version ${next} that is not in its log`);
	return policies;
}

/** What the server publishes about a version; undefined where it may be missing and is. */
async function readPage(
	server: string,
	version: number,
	mayMiss = false,
): Promise<{ readonly hash: unknown; readonly publishedAt: number | undefined } | undefined> {
	const response = await get(new URL(`/terms/${version}.json`, server).href).catch(() => undefined);
	if (mayMiss && response?.status === 404) return undefined;
	const page: unknown = response?.ok === true ? await response.json().catch(() => undefined) : undefined;
	if (typeof page !== "object" || page === null)
		throw new ProofError("UNREACHABLE", `the server's page of version ${version} could not be read`);
	const { hash, publishedAt } = page as { hash?: unknown; publishedAt?: unknown };
	return { hash, publishedAt: typeof publishedAt === "number" ? publishedAt : undefined };
}

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

function asJson(
	{ checkpoint, witnessed, since, leaves, whole }: Audit,
	index: IndexAudit | undefined,
	policies: readonly AuditedPolicy[] | undefined,
) {
	return {
		origin: checkpoint.origin,
		size: checkpoint.size,
		root: toBase64(checkpoint.root),
		witnesses: witnessed.map(({ name, atMs }) => ({ name, at: atMs })),
		...(since && { since: { size: since.size, root: toBase64(since.root) } }),
		leaves,
		whole,
		...(index && { index: { size: index.newest?.size ?? null, states: index.checked } }),
		...(policies && {
			policies: policies.map(({ version, hash, publishedAtMs }) => {
				return { version, hash, ...(publishedAtMs !== undefined && { publishedAt: publishedAtMs }) };
			}),
		}),
	};
}

function asText(
	{ checkpoint, witnessed, since, leaves, whole }: Audit,
	index: IndexAudit | undefined,
	policies: readonly AuditedPolicy[] | undefined,
): string {
	const { origin, size, root } = checkpoint;
	const seen = witnessed.map(({ name, atMs }) => `  ${name}, ${new Date(atMs).toISOString()}`);
	return [
		`${origin}: ${size} leaves, signed by its key.`,
		seen.length === 0 ? "No witness was asked for." : "Cosigned by",
		...seen,
		...(since === undefined ? [] : [`Goes on from the ${since.size} leaves of ${toBase64(since.root)}.`]),
		whole ? "Every leaf and every tile is what it signed." : `${leaves} leaves, taken at random, are what it signed.`,
		...describeIndex(index),
		...(policies ?? []).map(({ version, hash, publishedAtMs }) => {
			const time = publishedAtMs === undefined ? "" : `, published ${new Date(publishedAtMs).toISOString()}`;
			return `  version ${version}  ${hash}${time}`;
		}),
		`Next time: --since ${size}:${toBase64(root)}`,
	].join("\n");
}

function describeIndex(index: IndexAudit | undefined): readonly string[] {
	if (index === undefined) return [];
	if (index.newest === undefined) return ["There is no index of its chain values yet."];
	return [
		`The index of its chain values, up to leaf ${index.newest.size}, is that of the leaves (${index.checked} states).`,
	];
}
