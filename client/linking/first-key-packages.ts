/** A new device can be added to conversations from its first moment: its key packages are there before it says that it is linked. */
import { fromHex } from "@troth/protocol";
import type { DevicePorts } from "../device/ports.ts";
import { makeKeyPackages } from "../registration/key-packages.ts";
import { KEYS } from "../state/keys.ts";
import type { LocalState } from "../state/local-state.ts";
import { createRpc, type Rpc } from "../sync/rpc.ts";
import { Tokens } from "../sync/tokens.ts";

/** Makes and publishes them. What fails is made up for when the device is there. */
export async function publishFirstKeyPackages(
	{ clock, engine, fetch, keyPackageStock: count }: Pick<DevicePorts, "clock" | "engine" | "fetch" | "keyPackageStock">,
	state: LocalState,
): Promise<void> {
	const [profile, secrets] = [await state.read(KEYS.profile), await state.read(KEYS.secrets)];
	if (profile === undefined || secrets === undefined) return;
	const { account, device, server, origin } = profile;
	const keys = {
		publicKey: fromHex(secrets.device.publicKey) ?? new Uint8Array(),
		privateKey: fromHex(secrets.device.privateKey) ?? new Uint8Array(),
	};
	const tokens = new Tokens(clock);
	const identity = { device, server, origin, keys, generation: () => 0 };
	const rpc: Rpc = createRpc({ server, fetch, token: (stale) => tokens.get(stale, rpc.sessions, engine, identity) });
	const made = await state.transact((draft) =>
		makeKeyPackages(engine, draft, { account, device }, keys, clock.now(), { count, lastResort: true }),
	);
	await rpc.keys.publishKeyPackages({
		keyPackages: [...made.packages],
		...(made.lastResort !== undefined && { lastResortKeyPackage: made.lastResort }),
	});
}
