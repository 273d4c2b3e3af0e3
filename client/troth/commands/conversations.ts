import type { Command } from "../command.ts";
import { describeBody } from "../events.ts";
import { withDevice } from "../with-device.ts";

export const conversations: Command = {
	name: "conversations",
	usage: "",
	summary: "lists the conversations of this device, the most recent first",
	options: {},
	run: withDevice("store", async (device, _args, { output }) => {
		const list = await device.conversations();
		if (list.length === 0) output.say({ conversations: 0 }, "No conversations yet: troth send --to PHONE TEXT");
		for (const { id, kind, title, unread, ended, blocked, members, last, activityMs, forked, changed } of list) {
			output.say(
				{
					conversation: id,
					kind,
					title,
					unread,
					ended,
					blocked,
					members: members.map(({ account, name, phone, role }) => ({ account, name, phone, role })),
					time: activityMs,
					...(forked && { forked }),
					...(changed.length > 0 && {
						changed: changed.map(({ person, what, asks }) => ({ account: person.account, what, asks })),
					}),
				},
				`${id}  ${title}${unread > 0 ? ` (${unread} new)` : ""}${ended ? " (ended)" : ""}${forked ? " (forked)" : ""}${changed.length > 0 ? " (keys changed)" : ""}${last === undefined ? "" : `\n    ${describeBody(last)}`}`,
			);
		}
	}),
};
