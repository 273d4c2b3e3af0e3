import { isReportReason, REPORT_REASONS } from "@troth/protocol";
import { type Command, countOption, requireWord, UsageError } from "../command.ts";
import { findConversation, findPerson, isConversation } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const report: Command = {
	name: "report",
	usage: "PHONE|CONVERSATION REASON [--reveal COUNT]",
	summary: `tells the operator about a person (${REPORT_REASONS.join(", ")}); of what they wrote only what you reveal`,
	options: { reveal: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const word = requireWord(args, 0, "PHONE or CONVERSATION");
		const reason = requireWord(args, 1, "REASON");
		if (!isReportReason(reason)) throw new UsageError(`a reason is one of ${REPORT_REASONS.join(", ")}`);
		const person = isConversation(word)
			? (await findConversation(device, word)).members.find(({ self }) => !self)
			: await findPerson(device, word);
		if (person === undefined) throw new UsageError("nobody else is in that conversation");
		const messages = countOption(args, "reveal");
		const reveal =
			messages === undefined ? undefined : { conversation: (await findConversation(device, word)).id, messages };
		const revealed = await device.report(person.account, reason, reveal);
		output.say(
			{ account: person.account, reason, reported: true, revealed },
			`Reported${revealed === 0 ? "" : ` with ${revealed} of their messages`}. They are not told who did.`,
		);
	}),
};
