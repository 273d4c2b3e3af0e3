/** What follows for this device from the account's devices as they are, each time it is up to date and when they change. */
import { isRefusal, Refusal } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { learnLists } from "../identity/fetch-lists.ts";
import { followIntoGroups } from "../identity/follow-people.ts";
import { mayHaveUnlisted, noteUnlisted } from "../identity/unlisted.ts";
import { KEYS } from "../state/keys.ts";
import { settleMissing } from "./before-coming-in.ts";
import { resumeLinks } from "./confirm-link.ts";
import { forgetUnlinked, noteFirstDevices } from "./device-notices.ts";

/** This device is up to date. */
export async function tendDevices(context: DeviceContext): Promise<void> {
	// A linked device begins with a list of itself alone.
	if ((context.state.kept(KEYS.account(context.self.account))?.version ?? 0) === 0)
		await learnLists(context, [context.self.account]);
	await noteFirstDevices(context);
	context.ownNotes.start();
	context.joins.start();
	context.history.start();
	await settleMissing(context, "shown");
	await resumeLinks(context);
	await forgetUnlinked(context);
	await removeLeaves(context);
	await followIntoGroups(context);
}

/**
 * Commits the removal of leaves that devices which are no longer their account's left behind, the most recent
 * conversations first. Until then nothing is sent there that they could read (hazards 10 and 11).
 */
export async function removeLeaves(context: DeviceContext): Promise<void> {
	const records = [...context.views.records()].filter((record) => mayHaveUnlisted(context, record));
	for (const { id } of records.sort((a, b) => b.activityMs - a.activityMs)) {
		const unlisted = await context.state.transact((draft) => noteUnlisted(context, draft, id));
		if (unlisted.length === 0) continue;
		try {
			await context.lanes.change(id, { kind: "settle" });
		} catch (error) {
			// Somebody else removes them with the next thing that is said there, or this device with its next attach.
			if (!(error instanceof Refusal) || isRefusal(error, "UNAVAILABLE")) throw error;
		}
	}
}
