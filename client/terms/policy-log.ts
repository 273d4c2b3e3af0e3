/**
 * Does this version stand in the public log of policies, as everybody sees it (ADR 0010)? A server that shows one person
 * a policy of their own would have to show it to all, or be found out here.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { toHex } from "@troth/protocol";
import { type Audit, auditLog, ProofError, parseTreeHash, sameHash, toBase64 } from "@troth/transparency";
import type { DeviceContext } from "../device/context.ts";
import type { PolicyLogView } from "../device/sharing-api.ts";
import { logTrust, POLICY_LOG, readServerTrust, type ServerTrust } from "../identity/server-trust.ts";
import { KEYS } from "../state/keys.ts";
import type { PoliciesSeen, TrustRecord } from "../state/sharing-records.ts";
import { readPolicy } from "./policy.ts";

/** A log of so many versions is read as a whole; nobody publishes more. */
const MOST_POLICIES = 4096;
/** A version is in the log within seconds. One that is still not there after this is kept from others. */
const LOGGED_WITHIN_MS = 10 * 60_000;
/** The log does not hold without these; without the others it merely could not be asked. */
const UNREACHABLE: ReadonlySet<string> = new Set(["UNREACHABLE", "QUORUM_MISSING"]);

/** What the log is read with, and what remembers how far it was. */
export interface PolicyLogReader extends Pick<DeviceContext, "getPublic" | "random" | "serverNow"> {
	readonly trust: ServerTrust;
	/** Changes what is pinned, in one step; the same object changes nothing. */
	changePins(change: (pins: TrustRecord) => TrustRecord): Promise<void>;
}

/** Asks the log. Never rejects for what the log says. Throws Untrusted where the server named another key for it. */
export async function askPolicyLog(
	context: DeviceContext,
	version: number,
	policyHash: Uint8Array,
): Promise<PolicyLogView> {
	const { getPublic, random, serverNow, state } = context;
	const changePins: PolicyLogReader["changePins"] = (change) =>
		state.transact(async (draft) => {
			const known = await draft.read(KEYS.trust);
			const next = known && change(known);
			if (next !== undefined && next !== known) draft.write(KEYS.trust, next);
		});
	const trust = await readServerTrust(context);
	return readPolicyLog({ getPublic, random, serverNow, trust, changePins }, version, policyHash);
}

/** The same for whoever has pins of their own: never rejects for what the log says. */
export async function readPolicyLog(
	reader: PolicyLogReader,
	version: number,
	policyHash: Uint8Array,
): Promise<PolicyLogView> {
	const { info, pins } = reader.trust;
	const trust = logTrust(pins, POLICY_LOG);
	const url = info.logs.find(({ name }) => name === POLICY_LOG)?.url;
	// A log that was there once does not go away.
	if (trust === undefined) return { kind: "none" };
	if (url === undefined) return { kind: "unreachable", reason: "NOT_NAMED" };
	const seen = pins.policies;
	try {
		const since = seen && { size: seen.size, root: parseTreeHash(seen.root) };
		const get = reader.getPublic;
		const random = (below: number) => new DataView(reader.random(4).buffer).getUint32(0) % below;
		const audit = await auditLog({ url, trust, since, get, random, wholeUpTo: MOST_POLICIES });
		const found = findPolicy(audit, version, policyHash);
		const unlogged = await noteSeen(reader, audit, toHex(policyHash), found.kind === "pending");
		const late = unlogged !== undefined && reader.serverNow() - unlogged > LOGGED_WITHIN_MS;
		return late ? { kind: "contradicted", reason: "NOT_LOGGED" } : found;
	} catch (error) {
		if (!(error instanceof ProofError)) throw error;
		const kind = UNREACHABLE.has(error.code) ? "unreachable" : "contradicted";
		return { kind, reason: error.code };
	}
}

/** Holds this version against the entries. Pure. */
export function findPolicy(audit: Audit, version: number, policyHash: Uint8Array): PolicyLogView {
	const entries = audit.entries ?? [];
	const index = entries.findIndex((entry) => sameHash(sha256(entry), policyHash));
	// Another policy under the same number is another promise to somebody else.
	const others = entries.some((entry, at) => at !== index && readPolicy(entry)?.version === version);
	if (others) return { kind: "contradicted", reason: "OTHER_POLICY" };
	if (index < 0) return { kind: "pending" };
	const witnesses = audit.witnessed.map(({ name }) => name);
	return { kind: "logged", log: audit.checkpoint.origin, index, witnesses };
}

/** Remembers how far the log was, and since when a policy is missing from it; gives that time. */
async function noteSeen(
	{ changePins, serverNow }: PolicyLogReader,
	{ checkpoint }: Audit,
	policyHash: string,
	missing: boolean,
): Promise<number | undefined> {
	let since: number | undefined;
	await changePins((trust) => {
		const { size, root } = checkpoint;
		const before: PoliciesSeen = trust.policies ?? { size: 0, root: "", unlogged: {} };
		const { [policyHash]: known, ...others } = before.unlogged;
		since = missing ? (known ?? serverNow()) : undefined;
		const unlogged = since === undefined ? others : { ...others, [policyHash]: since };
		// Two questions at once: the one that saw more of the log counts.
		const head = size >= before.size ? { size, root: toBase64(root) } : { size: before.size, root: before.root };
		const same = before.size === head.size && before.root === head.root && known === since;
		return same ? trust : { ...trust, policies: { ...head, unlogged } };
	});
	return since;
}
