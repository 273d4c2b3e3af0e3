/**
 * What this device believes about other accounts: their identity key, pinned when it was first seen, and the newest
 * device list that key signed. The server only carries the lists; it can withhold one, not make one (hazard 11).
 */
import { type AccountId, fromHex, type Signed, toHex } from "@troth/protocol";
import type { LeafAuthority, MlsEngine } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { AccountRecord, KeyChangeRecord } from "../state/records.ts";
import { readDeviceList } from "./device-list.ts";

/**
 * How a list compares with what was known. `new-devices`: accepted, and the devices changed. `changed-key`: another
 * identity key than the pinned one, refused. `stale`: older than the known one, refused.
 */
export type Learned = "first" | "same" | "new-devices" | "changed-key" | "stale" | "invalid";

export const UNKNOWN_ACCOUNT = {
	identityKey: undefined,
	version: 0,
	devices: [],
	name: undefined,
	nameChangedAtMs: 0,
	phone: undefined,
	blocked: false,
	confirmedKey: undefined,
	refusedKey: undefined,
} as const satisfies Omit<AccountRecord, "account">;

/** The account's record as it is, or an empty one. */
export async function readAccount(draft: Draft, account: AccountId): Promise<AccountRecord> {
	return (await draft.read(KEYS.account(account))) ?? { ...UNKNOWN_ACCOUNT, account };
}

/** What is shown where this account's conversations are. */
export type Surprise = "key" | "devices";

/**
 * Takes a list that the server gave for this account, if it may be believed. `surprising` is called for the first
 * list with a refused identity key and for every change of devices, inside the same transaction.
 */
export async function learnDeviceList(
	engine: MlsEngine,
	draft: Draft,
	account: AccountId,
	signed: Signed | undefined,
	surprising: (draft: Draft, account: AccountId, what: Surprise) => Promise<void>,
): Promise<Learned> {
	const list = await readDeviceList(engine, account, signed);
	if (list === undefined) return "invalid";
	const known = await readAccount(draft, account);
	if (known.identityKey !== undefined && known.identityKey !== list.identityKey) {
		if (known.refusedKey === list.identityKey) return "changed-key";
		draft.write(KEYS.account(account), { ...known, refusedKey: list.identityKey, ...doubted(known, list.identityKey) });
		await surprising(draft, account, "key");
		return "changed-key";
	}
	if (list.version < known.version) return "stale";
	if (list.version === known.version) return sameDevices(known, list) ? "same" : "stale";
	// A device that was not there before has to say itself that it is this account's.
	const strangers = list.devices.filter(({ device }) => known.devices.every((one) => one.device !== device));
	if (known.version > 0 && strangers.some(({ agreement }) => agreement === undefined)) return "invalid";
	draft.write(KEYS.account(account), {
		...known,
		identityKey: list.identityKey,
		version: list.version,
		devices: list.devices,
	});
	// A key that came in an archive comes without a list.
	if (known.identityKey === undefined || known.version === 0) return "first";
	if (sameDevices(known, list)) return "same";
	await surprising(draft, account, "devices");
	return "new-devices";
}

/** What another key makes of what was verified; nothing where the person looked at it on another device and settled it. */
function doubted(known: AccountRecord, key: string): Partial<AccountRecord> {
	const change = keyChange(known, "key", undefined);
	if (known.lookedAt !== key) return { confirmedKey: undefined, change };
	return known.confirmedKey === undefined ? { change: { ...change, asks: false, seen: true } } : {};
}

/** What is kept of a change: whoever was verified is asked about before anything more is sent to them. */
export function keyChange(
	{ confirmedKey, identityKey, change }: AccountRecord,
	what: KeyChangeRecord["what"],
	successor: AccountId | undefined,
): KeyChangeRecord {
	const verified = confirmedKey !== undefined && confirmedKey === identityKey;
	return { what, asks: verified || change?.asks === true, seen: false, successor };
}

/** The account's change is a matter of a conversation with these people: it is one of them, or had a number of theirs. */
export function concerns({ account, change }: AccountRecord, people: ReadonlySet<AccountId>): boolean {
	if (change === undefined) return false;
	return people.has(account) || (change.successor !== undefined && people.has(change.successor));
}

function sameDevices(a: Pick<AccountRecord, "devices">, b: Pick<AccountRecord, "devices">): boolean {
	const keys = new Map(a.devices.map(({ device, signatureKey }) => [device, signatureKey]));
	return (
		keys.size === b.devices.length && b.devices.every(({ device, signatureKey }) => keys.get(device) === signatureKey)
	);
}

/** A leaf authority over what this device knows, and the accounts it would have to ask the server about. */
export interface DraftAuthority {
	readonly authority: LeafAuthority;
	/** Accounts whose known list lacks a leaf that was asked for: fetch their lists once and try again. */
	readonly unknown: ReadonlySet<AccountId>;
}

/**
 * Judges leaves by the lists as the draft has them. It never waits for the network: what is missing is collected, the
 * caller gives up its draft, fetches the lists outside of the transaction, and repeats.
 */
export function authorityOf(draft: Draft): DraftAuthority {
	const unknown = new Set<AccountId>();
	return {
		unknown,
		authority: async ({ account, device, signatureKey }) => {
			const known = await draft.read(KEYS.account(account));
			const listed = known?.devices.find((one) => one.device === device);
			if (listed !== undefined && listed.signatureKey === toHex(signatureKey)) return true;
			unknown.add(account);
			return false;
		},
	};
}

/** The device's public signature key as its account lists it; undefined where it does not. */
export function listedKey(account: AccountRecord | undefined, device: string): Uint8Array | undefined {
	const key = account?.devices.find((one) => one.device === device)?.signatureKey;
	return key === undefined ? undefined : fromHex(key);
}
