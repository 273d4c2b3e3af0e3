/**
 * The keys a server's words about terms and sharing are checked with. They are believed at first sight and pinned in
 * the local store; another one later is refused, not adopted.
 */
import { type GetServerInfoResponse, toHex } from "@troth/protocol";
import type { LogTrust } from "@troth/transparency";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";
import type { TrustRecord } from "../state/sharing-records.ts";
import { Untrusted } from "./untrusted.ts";

/** The log of shares; the other logs carry the id of the recipient whose receipts they hold. */
export const SHARE_LOG = "shares";
/** The log of policies, and that of the index of the share log's chain values. */
export const POLICY_LOG = "policy";
export const INDEX_LOG = "index";

const NOTHING_YET: TrustRecord = {
	policyKey: undefined,
	shareKey: undefined,
	logs: {},
	witnesses: [],
	quorum: undefined,
	policies: undefined,
};

/** What one answer about itself says, and the pins as they are after it. */
export interface ServerTrust {
	readonly info: GetServerInfoResponse;
	readonly pins: TrustRecord;
}

/** Asks the server about itself. Throws Untrusted where it names another key than before. */
export async function readServerTrust(context: DeviceContext): Promise<ServerTrust> {
	const info = await context.rpc.server.getServerInfo({});
	const pins = await context.state.transact(async (draft) => {
		const known = (await draft.read(KEYS.trust)) ?? NOTHING_YET;
		const next = pinServer(known, info);
		if (next !== known) draft.write(KEYS.trust, next);
		return next;
	});
	return { info, pins };
}

/** The pins of what was asked before, without asking again. */
export async function readPins({ state }: Pick<DeviceContext, "state">): Promise<TrustRecord> {
	return (await state.read(KEYS.trust)) ?? NOTHING_YET;
}

/** The share key, which is one for the life of an account. Throws Untrusted where it changed. */
export async function pinShareKey(context: DeviceContext, shareKey: Uint8Array): Promise<void> {
	const hex = toHex(shareKey);
	await context.state.transact(async (draft) => {
		const known = (await draft.read(KEYS.trust)) ?? NOTHING_YET;
		if (known.shareKey === hex) return;
		if (known.shareKey !== undefined || shareKey.length !== SHARE_KEY_BYTES)
			throw new Untrusted("SHARE_KEY_CHANGED", "the server gave another share key than before");
		draft.write(KEYS.trust, { ...known, shareKey: hex });
	});
}

const SHARE_KEY_BYTES = 32;
const POLICY_KEY_BYTES = 32;

/** Pins what is new; the same object where nothing is. Pure. Throws Untrusted where a pinned key differs. */
export function pinServer(
	known: TrustRecord,
	info: Pick<GetServerInfoResponse, "policyKey" | "logs" | "witnesses" | "witnessQuorum">,
): TrustRecord {
	const policyKey = toHex(info.policyKey);
	if (info.policyKey.length !== POLICY_KEY_BYTES || (known.policyKey ?? policyKey) !== policyKey)
		throw new Untrusted("POLICY_KEY_CHANGED", "the server signs policies with another key than before");
	const fresh: Record<string, string> = {};
	for (const { name, vkey } of info.logs) {
		const pinned = known.logs[name];
		if (pinned === undefined) fresh[name] = vkey;
		else if (pinned !== vkey) throw new Untrusted("LOG_KEY_CHANGED", "a log has another key than before");
	}
	// Witnesses that appear later do not count: they would be the server's choice after the fact.
	const witnesses = known.witnesses.length > 0 ? known.witnesses : info.witnesses;
	// As many as were asked for when they were first seen: fewer later would be a weaker promise, more can be kept.
	const said = Math.min(info.witnessQuorum, witnesses.length);
	const quorum = said === 0 ? known.quorum : Math.max(said, known.quorum ?? 0);
	const same =
		known.policyKey === policyKey &&
		Object.keys(fresh).length === 0 &&
		witnesses.length === known.witnesses.length &&
		quorum === known.quorum;
	return same ? known : { ...known, policyKey, logs: { ...known.logs, ...fresh }, witnesses: [...witnesses], quorum };
}

/** How proofs of a log are judged: its pinned key, and as many pinned witnesses as the server said, or else half. */
export function logTrust({ logs, witnesses, quorum }: TrustRecord, name: string): LogTrust | undefined {
	const log = logs[name];
	return log === undefined ? undefined : { log, witnesses, quorum: quorum ?? Math.ceil(witnesses.length / 2) };
}
