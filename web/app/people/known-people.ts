/** People one already has a direct chat with. Pure. */
import type { ConversationView, Person } from "@troth/client/device/api.ts";

export function knownPeople(list: readonly ConversationView[]): readonly Person[] {
	return list
		.filter(({ kind }) => kind === "direct")
		.flatMap(({ members }) => members.filter(({ self }) => !self).slice(0, 1));
}
