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
		for (const { id, kind, title, unread, ended, blocked, members, last, activityMs } of list) {
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
				},
				`${id}  ${title}${unread > 0 ? ` (${unread} new)` : ""}${ended ? " (ended)" : ""}${last === undefined ? "" : `\n    ${describeBody(last)}`}`,
			);
		}
	}),
};
