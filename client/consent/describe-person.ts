/** Where a person lives and whether they are of age, as far as rules about sharing depend on it (B11). */
import type { DeviceContext } from "../device/context.ts";
import type { PersonDescription, SharingView } from "../device/sharing-api.ts";
import { readStanding } from "./standing.ts";

/** Tells the server; what the rules do not allow any more is recalled. Rejects with MALFORMED for an unknown region. */
export async function describePerson(
	context: DeviceContext,
	{ declaredRegion, minor }: PersonDescription,
): Promise<SharingView> {
	await context.rpc.sharing.describePerson({
		...(declaredRegion !== undefined && { declaredRegion: declaredRegion ?? "" }),
		...(minor !== undefined && { minor }),
	});
	context.announcer.emit({ type: "sharing" });
	return (await readStanding(context)).view;
}
