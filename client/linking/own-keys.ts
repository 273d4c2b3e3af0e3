/**
 * What the devices of one account tell each other about somebody's keys: which one is pinned and in whose place it was
 * accepted, whether it was verified, what the person has looked at. Everything is said of one exact key: a device that
 * believes another one takes nothing over, unless the person gave up that very key for the new one.
 */
import { type AccountId, fromHex, HASH_BYTES, idBytes, type OwnPerson, readId, toHex } from "@troth/protocol";
import { FORMER_KEYS, replaceKey } from "../identity/replace-key.ts";
import type { AccountRecord } from "../state/records.ts";

const bytesOf = (hex: string | undefined) => fromHex(hex ?? "") ?? new Uint8Array();

type SaidKeys = Pick<
	OwnPerson,
	"identityKey" | "confirmed" | "confirmedAtMs" | "acceptedAtMs" | "formerKeys" | "lookedAt" | "movedTo"
>;

export function describeKeys(record: AccountRecord): SaidKeys {
	const { identityKey, confirmedKey, confirmedAtMs = 0, acceptedAtMs = 0, formerKeys = [], lookedAt, movedTo } = record;
	return {
		identityKey: bytesOf(identityKey),
		confirmed: identityKey !== undefined && confirmedKey === identityKey,
		confirmedAtMs: BigInt(confirmedAtMs),
		acceptedAtMs: BigInt(acceptedAtMs),
		formerKeys: formerKeys.map(bytesOf),
		lookedAt: bytesOf(lookedAt),
		movedTo: movedTo === undefined ? new Uint8Array() : idBytes(movedTo),
	};
}

export interface MergedKeys {
	readonly record: AccountRecord;
	/** Another key than before is pinned, or another account is theirs. */
	readonly accepted: boolean;
}

/** @param known what this device believes */
export function mergeKeys(known: AccountRecord, said: SaidKeys): MergedKeys {
	const key = said.identityKey.length === HASH_BYTES ? toHex(said.identityKey) : undefined;
	const pinned = key === undefined ? known : pin(known, key, said);
	const sameKey = key !== undefined && pinned.identityKey === key;
	const moved = movedBy(pinned, said);
	const record = settle(sameKey ? verify(moved, said) : moved, sameKey ? toHex(said.lookedAt) : "");
	return { record, accepted: pinned.acceptedAtMs !== known.acceptedAtMs || record.movedTo !== known.movedTo };
}

/** What this device pinned itself stays, unless it is a key that the person gave up for this one. */
function pin(known: AccountRecord, key: string, said: SaidKeys): AccountRecord {
	const acceptedAtMs = Number(said.acceptedAtMs);
	const former = said.formerKeys.map((one) => toHex(one));
	if (known.identityKey === undefined)
		return {
			...known,
			identityKey: key,
			...(acceptedAtMs > 0 && { acceptedAtMs, formerKeys: former.slice(-FORMER_KEYS) }),
		};
	if (known.identityKey === key || acceptedAtMs <= (known.acceptedAtMs ?? 0)) return known;
	if (!former.includes(known.identityKey)) return known;
	const replaced = replaceKey({ ...known, formerKeys: [...former, ...(known.formerKeys ?? [])] }, key, acceptedAtMs);
	if (known.refusedKey !== key) return replaced;
	const { change, ...rest } = replaced;
	return { ...rest, refusedKey: undefined, ...(change !== undefined && change.what !== "key" && { change }) };
}

/** Of two acts about one key the later one counts; one from before the key was accepted counts for nothing. */
function verify(known: AccountRecord, { confirmed, confirmedAtMs: saidAtMs }: SaidKeys): AccountRecord {
	const confirmedAtMs = Number(saidAtMs);
	const knownAtMs = Math.max(known.confirmedAtMs ?? 0, known.acceptedAtMs ?? 0);
	if (confirmedAtMs < knownAtMs || (confirmedAtMs === knownAtMs && knownAtMs !== 0)) return known;
	return {
		...known,
		confirmedKey: confirmed ? known.identityKey : undefined,
		...(confirmedAtMs > 0 && { confirmedAtMs }),
	};
}

function movedBy(known: AccountRecord, said: SaidKeys): AccountRecord {
	const movedTo = readId<AccountId>(said.movedTo);
	if (movedTo === undefined || movedTo === known.movedTo || movedTo === known.account) return known;
	const { change, ...rest } = known;
	const settled = change?.what === "number" && change.successor === movedTo;
	return { ...rest, movedTo, phone: undefined, ...(change !== undefined && !settled && { change }) };
}

/** The person looked at it on another device: it is asked no more. Whoever was verified since has no other key. */
function settle(known: AccountRecord, lookedAt: string): AccountRecord {
	if (lookedAt === "") return known;
	const { change, ...rest } = { ...known, lookedAt };
	if (change === undefined) return rest;
	const about = change.what === "key" ? known.refusedKey : change.successor;
	if (about !== lookedAt) return { ...rest, change };
	if (change.what === "key" && known.confirmedKey !== undefined) return rest;
	return { ...rest, change: { ...change, asks: false, seen: true } };
}
