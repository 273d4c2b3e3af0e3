/** Everything the share log holds about this account, read page by page and verified here. */
import { type PolicyFile, type Share, toHex } from "@troth/protocol";
import { rememberCheckpoints } from "@troth/transparency";
import { readDecisions } from "../consent/receipts.ts";
import { readStanding } from "../consent/standing.ts";
import type { DeviceContext } from "../device/context.ts";
import type { SharesView } from "../device/sharing-api.ts";
import { logTrust, readServerTrust, SHARE_LOG } from "../identity/server-trust.ts";
import { readTerms } from "../terms/read-terms.ts";
import { foldShares } from "./fold-shares.ts";
import { judgeShare } from "./verify-share.ts";

/** Rejects with UNAVAILABLE where the bridge does not answer; throws Untrusted where a pinned key changed. */
export async function listShares(context: DeviceContext): Promise<SharesView> {
	const { pins } = await readServerTrust(context);
	const { shareKey } = await readStanding(context);
	const shares = await readAll(context);
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
	return foldShares(
		shares.map((share) => judgeShare(share, evidence)),
		{ policy, event: (hash) => grants.get(hash)?.event },
	);
}

async function readAll({ rpc }: DeviceContext): Promise<readonly Share[]> {
	const all: Share[] = [];
	for (let afterN = 0; ; ) {
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
