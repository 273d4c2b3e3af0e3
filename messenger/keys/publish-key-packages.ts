import type { MessageInitShape } from "@bufbuild/protobuf";
import {
	LIMITS,
	type PublishKeyPackagesRequest,
	type PublishKeyPackagesResponseSchema,
	Refusal,
} from "@troth/protocol";
import type { MessengerContext, Session } from "../context.ts";
import { type CheckedKeyPackage, checkKeyPackages } from "./key-package.ts";
import { addToStock, countStock, setLastResort } from "./stock.ts";

/** Refills the caller's stock. May be repeated. Refuses with MALFORMED, KEY_PACKAGE_INVALID. */
export async function publishKeyPackages(
	{ records, clock, directory }: MessengerContext,
	request: PublishKeyPackagesRequest,
	session: Session,
): Promise<MessageInitShape<typeof PublishKeyPackagesResponseSchema>> {
	const known = await directory.device(session.device);
	if (known === undefined) throw new Refusal("DEVICE_REMOVED", "the account no longer lists this device");
	const owner = { ...session, signatureKey: known.signatureKey };
	const { packages, lastResort } = await checkOffer(request, owner, clock.now());
	const available = await records.transaction().execute(async (transaction) => {
		await addToStock(transaction, session.device, packages);
		if (lastResort !== undefined) await setLastResort(transaction, session.device, lastResort);
		return countStock(transaction, session.device, clock.now());
	});
	return { available };
}

/** What a device offers, checked. An empty last-resort package means none. */
export async function checkOffer(
	offer: { readonly keyPackages: readonly Uint8Array[]; readonly lastResortKeyPackage: Uint8Array },
	owner: Parameters<typeof checkKeyPackages>[1],
	nowMs: number,
): Promise<{ readonly packages: readonly CheckedKeyPackage[]; readonly lastResort: CheckedKeyPackage | undefined }> {
	if (offer.keyPackages.length > LIMITS.keyPackagesPerDevice)
		throw new Refusal("MALFORMED", `at most ${LIMITS.keyPackagesPerDevice} key packages in one request`);
	const packages = await checkKeyPackages(offer.keyPackages, owner, nowMs);
	const lastResorts = offer.lastResortKeyPackage.length === 0 ? [] : [offer.lastResortKeyPackage];
	const [lastResort] = await checkKeyPackages(lastResorts, owner, nowMs);
	const digests = [...packages, ...(lastResort === undefined ? [] : [lastResort])].map(({ digest }) => digest);
	if (new Set(digests).size < digests.length) throw new Refusal("KEY_PACKAGE_INVALID", "the same one is there twice");
	return { packages, lastResort };
}
