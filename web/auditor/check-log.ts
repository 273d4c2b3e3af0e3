/** The checks of one log, each as a sentence with its result. What fails does not keep the others from being made. */
import {
	type Audit,
	auditIndex,
	auditLog,
	bucketHas,
	bucketOf,
	chainValueOf,
	FetchedLog,
	type Get,
	type LogTrust,
	openBucket,
	openCheckpoint,
	openIndexHead,
	ProofError,
	type ProofErrorCode,
	readPolicyLog,
} from "@troth/transparency";
import { lastSeen, remember } from "./seen.ts";
import type { LogToCheck, Subject } from "./subject.ts";
import { words } from "./words.ts";

export interface Finding {
	readonly state: "holds" | "fails" | "open" | "told";
	readonly text: string;
	/** Where to read more. */
	readonly link?: { readonly text: string; readonly href: string };
}

export interface Machine {
	readonly get: Get;
	readonly random: (below: number) => number;
	readonly nowMs: number;
}

/** So many buckets of a large log's index are held against leaves of it. */
const SAMPLED_VALUES = 8;
const say = words.log;

/** Checks one log of the subject, and what belongs to it. */
export async function checkLog(log: LogToCheck, subject: Subject, machine: Machine): Promise<readonly Finding[]> {
	const findings: Finding[] = [];
	const trust: LogTrust = { log: log.vkey, witnesses: subject.witnesses, quorum: 0 };
	const files = new FetchedLog(log.url, machine.get);
	try {
		const { size, witnessed } = openCheckpoint(await files.checkpoint(), trust);
		findings.push({ state: "holds", text: say.signed(size) });
		findings.push(seenBy(witnessed, subject.quorum));
	} catch (error) {
		return [failed(error, say.unsigned)];
	}
	const audit = await checkContents(log, trust, machine, findings);
	if (audit === undefined) return findings;
	if (log.name === "shares") findings.push(await checkIndex(log, subject, audit, machine));
	if (log.name === "policy") findings.push(...(await checkPolicies(audit, subject, machine)));
	return findings;
}

function seenBy(witnessed: readonly { readonly name: string; readonly atMs: number }[], quorum: number): Finding {
	if (quorum === 0) return { state: "told", text: say.noWitness };
	if (witnessed.length < quorum) return { state: "open", text: say.unwitnessed(witnessed.length, quorum) };
	const atMs = Math.min(...witnessed.map((one) => one.atMs));
	return {
		state: "holds",
		text: say.witnessed(
			witnessed.map(({ name }) => name),
			atMs,
			quorum,
		),
	};
}

async function checkContents(
	{ url, vkey }: LogToCheck,
	trust: LogTrust,
	{ get, random, nowMs }: Machine,
	findings: Finding[],
): Promise<Audit | undefined> {
	const since = lastSeen(vkey);
	try {
		const audit = await auditLog({ url, trust, since, get, random });
		const { size, root } = audit.checkpoint;
		findings.push(
			since === undefined
				? { state: "told", text: say.first }
				: { state: "holds", text: say.goesOn(since.size, since.atMs) },
		);
		const all = size === 0 ? say.empty : say.whole(size);
		findings.push({ state: "holds", text: audit.whole ? all : say.sampled(audit.leaves, size) });
		// Only what held: a log that was rewritten is measured against what it was.
		remember(vkey, { size, root, atMs: nowMs });
		return audit;
	} catch (error) {
		if (since !== undefined && error instanceof ProofError && error.code === "INCONSISTENT")
			findings.push({ state: "fails", text: say.rewritten(since.atMs) });
		else findings.push(failed(error, say.contents));
		return undefined;
	}
}

/** The index of the share log's chain values: made anew where the log is small enough, sampled where it is not. */
async function checkIndex(log: LogToCheck, subject: Subject, audit: Audit, machine: Machine): Promise<Finding> {
	const index = subject.logs.find(({ name }) => name === "index");
	if (index === undefined) return { state: "open", text: say.indexNone };
	const trust: LogTrust = { log: index.vkey, witnesses: subject.witnesses, quorum: subject.quorum };
	const { origin } = audit.checkpoint;
	const { get, random } = machine;
	try {
		if (audit.entries === undefined) return await sampleIndex(index.url, log, trust, audit, machine);
		const { entries = [] } = await auditLog({ url: index.url, trust, get, random, wholeUpTo: Number.MAX_SAFE_INTEGER });
		// The index may have been brought up to date since the log was read.
		const now = await auditLog({ url: log.url, trust: { ...trust, log: log.vkey, quorum: 0 }, get, random });
		const { newest, checked } = auditIndex({ origin, leaves: now.entries ?? audit.entries, entries, random });
		if (newest === undefined) return { state: "open", text: say.indexNone };
		return { state: "holds", text: say.indexWhole(newest.size, checked) };
	} catch (error) {
		return failed(error, say.indexWrong);
	}
}

async function sampleIndex(
	url: string,
	log: LogToCheck,
	trust: LogTrust,
	{ checkpoint: { size, origin } }: Audit,
	{ get, random }: Machine,
): Promise<Finding> {
	const files = new FetchedLog(url, get);
	const head = openIndexHead(await files.text("head"), trust, origin);
	const leaves = new FetchedLog(log.url, get);
	for (let sampled = 0; sampled < SAMPLED_VALUES; sampled++) {
		const at = random(head.entry.size);
		const leaf = (await leaves.entries(size, Math.floor(at / 256)))[at % 256];
		const value = leaf && chainValueOf(leaf);
		const { bits } = head.entry;
		const number = value === undefined ? 0 : bucketOf(value, bits);
		const bucket = openBucket(await files.text(`bucket/${bits}/${number}`), trust, origin);
		if (value === undefined || !bucketHas(bucket, value))
			throw new ProofError("INDEX_WRONG", "a leaf's chain value is not in its bucket");
	}
	return { state: "holds", text: say.indexSampled(SAMPLED_VALUES) };
}

async function checkPolicies(audit: Audit, { server }: Subject, { get }: Machine): Promise<readonly Finding[]> {
	try {
		const findings: Finding[] = [];
		for (const { version, hash } of readPolicyLog(audit.entries ?? [])) {
			const text = say.version(version, hash);
			if (server === undefined) {
				findings.push({ state: "told", text });
				continue;
			}
			const link = { text: say.versionPage, href: new URL(`/terms/${version}`, server).href };
			const published = await publishedHash(server, version, get);
			const state = published === undefined ? "open" : published === hash ? "holds" : "fails";
			const result = { holds: say.versionPublished, fails: say.versionOther, open: say.versionUnread }[state](version);
			findings.push({ state, text: `${text} ${result}`, link });
		}
		return findings;
	} catch (error) {
		return [failed(error, say.contents)];
	}
}

async function publishedHash(server: string, version: number, get: Get): Promise<string | undefined> {
	try {
		const page: unknown = await (await get(new URL(`/terms/${version}.json`, server).href)).json();
		const hash = typeof page === "object" && page !== null && "hash" in page ? page.hash : undefined;
		return typeof hash === "string" ? hash : undefined;
	} catch {
		return undefined;
	}
}

/** What could not be fetched is open; everything else does not hold. */
function failed(error: unknown, sentence: (why: string) => string): Finding {
	if (!(error instanceof ProofError)) throw error;
	const code: ProofErrorCode = error.code;
	const open = code === "UNREACHABLE" || code === "QUORUM_MISSING";
	const why = words.log.reason(code);
	return open ? { state: "open", text: say.unread(why) } : { state: "fails", text: sentence(why) };
}
