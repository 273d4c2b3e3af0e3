/** Everything the share log holds about this account, read page by page and verified here. */
import { type PolicyFile, type Share, toHex } from "@troth/protocol";
import { rememberCheckpoints } from "@troth/transparency";
import { readDecisions } from "../consent/receipts.ts";
import { readStanding } from "../consent/standing.ts";
import type { DeviceContext } from "../device/context.ts";
import type { ChainEnd, SharesView } from "../device/sharing-api.ts";
import { logTrust, readServerTrust, type ServerTrust, SHARE_LOG } from "../identity/server-trust.ts";
import { readTerms } from "../terms/read-terms.ts";
import { checkChainEnd } from "./chain-end.ts";
import { foldShares } from "./fold-shares.ts";
import { judgeShare } from "./verify-share.ts";

/** Rejects with UNAVAILABLE where the bridge does not answer; throws Untrusted where a pinned key changed. */
export async function listShares(context: DeviceContext): Promise<SharesView> {
	const trust = await readServerTrust(context);
	const { pins } = trust;
	const { shareKey } = await readStanding(context);
	const { shares, end } = await readToEnd(context, trust, shareKey);
	const decisions = await readDecisions(context);
	const grants = new Map(
		decisions.flatMap(({ event, grants: made }) => made.map((grant) => [grant.hash, { grant, event }] as const)),
	);
	const policies = shares.length === 0 ? new Map<string, PolicyFile>() : await readPolicies(context);
	const policy = (hash: string) => policies.get(hash);
	const evidence = {
		shareKey,
		shareLog: SHARE_LOG,
		trustIn: (log: string) => logTrust(pins, log),
		openCheckpoint: rememberCheckpoints(),
		grant: (hash: string) => grants.get(hash)?.grant,
		policy,
	};
	const view = foldShares(
		shares.map((share) => judgeShare(share, evidence)),
		{ policy, event: (hash) => grants.get(hash)?.event, nowMs: context.serverNow() },
	);
	return { ...view, end };
}

/** What the log is read with: a device, or a page of a host's. */
type LogReader = Pick<DeviceContext, "rpc" | "getPublic" | "serverNow">;

/** All that is told, and whether the log has more. */
export async function readToEnd(
	context: LogReader,
	trust: ServerTrust,
	shareKey: Uint8Array,
): Promise<{ readonly shares: readonly Share[]; readonly end: ChainEnd }> {
	const shares: Share[] = [];
	for (;;) {
		shares.push(...(await readAfter(context, lastOf(shares))));
		const after = lastOf(shares);
		const end = await checkChainEnd(context, trust, shareKey, after);
		// What was logged only a moment ago is told now, or it is a secret.
		if (end.kind !== "hidden" || (await readAfter(context, after)).length === 0) return { shares, end };
	}
}

const lastOf = (shares: readonly Share[]) => shares.reduce((last, { n }) => Math.max(last, n), 0);

async function readAfter({ rpc }: LogReader, from: number): Promise<readonly Share[]> {
	const all: Share[] = [];
	for (let afterN = from; ; ) {
		const { shares, more } = await rpc.sharing.listShares({ afterN });
		all.push(...shares);
		const last = shares.at(-1)?.n ?? afterN;
		// A server that says "more" and does not go on would keep this device asking for ever.
		if (!more || last <= afterN) return all;
		afterN = last;
	}
}

/** Every version that was ever in force, by the hash of its policy: versions are dense. */
async function readPolicies(context: DeviceContext): Promise<Map<string, PolicyFile>> {
	const policies = new Map<string, PolicyFile>();
	const newest = await readTerms(context);
	policies.set(toHex(newest.policyHash), newest.file);
	for (let version = newest.version - 1; version >= 1; version--) {
		const { policyHash, file } = await readTerms(context, version);
		policies.set(toHex(policyHash), file);
	}
	return policies;
}
