/** The key packages of this device: their secrets are stored before they are published, and used ones replaced. */
import { LIMITS } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import type { LeafIdentity, MlsEngine, NewKeyPackage, SigningKeys } from "../mls/engine.ts";
import type { Draft } from "../state/draft.ts";
import { KEYS } from "../state/keys.ts";
import type { KeyPackageRecord } from "../state/records.ts";

/**
 * Key packages on the server after registration and after each refill, where the machine says nothing else. Each is 3 KB
 * that the server keeps for nearly every device that there is, and some milliseconds of a phone's time.
 */
const STOCK = 25;
/** Key packages live 30 days (engine.ts): they are replaced while they are still good. */
const RENEW_MS = 14 * 24 * 3600 * 1000;
/** Secrets of packages that nobody can use any more are deleted. */
const FORGET_MS = 45 * 24 * 3600 * 1000;

/** Makes key packages and writes their secrets into the draft. */
export async function makeKeyPackages(
	engine: MlsEngine,
	draft: Draft,
	identity: LeafIdentity,
	keys: SigningKeys,
	nowMs: number,
	{ count = STOCK, lastResort }: { readonly count?: number | undefined; readonly lastResort: boolean },
): Promise<{ readonly packages: readonly Uint8Array[]; readonly lastResort: Uint8Array | undefined }> {
	const made: NewKeyPackage[] = [];
	for (let i = 0; i < count; i++) made.push(await engine.newKeyPackage(identity, keys, nowMs, false));
	const last = lastResort ? await engine.newKeyPackage(identity, keys, nowMs, true) : undefined;
	for (const { ref, secret } of made) keep(draft, { ref, lastResort: false, createdAtMs: nowMs }, secret);
	if (last !== undefined) keep(draft, { ref: last.ref, lastResort: true, createdAtMs: nowMs }, last.secret);
	return { packages: made.map(({ message }) => message), lastResort: last?.message };
}

function keep(draft: Draft, record: KeyPackageRecord, secret: Uint8Array | undefined): void {
	draft.write(KEYS.keyPackage(record.ref), secret === undefined ? undefined : record);
	draft.writeBytes(KEYS.keyPackageSecret(record.ref), secret);
}

/** Refills what others used up, renews what gets old, forgets what is of no use. */
export async function tendKeyPackages(context: DeviceContext): Promise<void> {
	const { available, lastResortUsed } = await context.rpc.keys.countKeyPackages({});
	const nowMs = context.serverNow();
	const known = [...context.state.keptWithin<KeyPackageRecord>(KEYS.keyPackages)];
	const newest = Math.max(0, ...known.filter(({ lastResort }) => lastResort).map(({ createdAtMs }) => createdAtMs));
	const aged = nowMs - newest > RENEW_MS;
	const stock = context.keyPackageStock ?? STOCK;
	if (available >= Math.min(stock, LIMITS.keyPackagesRefillBelow) && !lastResortUsed && !aged) return;
	const count = aged ? stock : Math.max(0, stock - available);
	const fresh = await context.state.transact(async (draft) => {
		for (const record of known) if (nowMs - record.createdAtMs > FORGET_MS) keep(draft, record, undefined);
		return makeKeyPackages(context.engine, draft, context.self, context.keys, nowMs, {
			count,
			lastResort: lastResortUsed || aged,
		});
	});
	await context.rpc.keys.publishKeyPackages({
		keyPackages: [...fresh.packages],
		...(fresh.lastResort !== undefined && { lastResortKeyPackage: fresh.lastResort }),
	});
}
