import { isReportReason, REPORT_REASONS } from "@troth/protocol";
import { type Command, requireWord, UsageError } from "../command.ts";
import { findConversation, findPerson, isConversation } from "../people.ts";
import { withDevice } from "../with-device.ts";

export const report: Command = {
	name: "report",
	usage: "PHONE|CONVERSATION REASON",
	summary: `tells the operator about a person (${REPORT_REASONS.join(", ")}); nothing that was written goes along`,
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const word = requireWord(args, 0, "PHONE or CONVERSATION");
		const reason = requireWord(args, 1, "REASON");
		if (!isReportReason(reason)) throw new UsageError(`a reason is one of ${REPORT_REASONS.join(", ")}`);
		const person = isConversation(word)
			? (await findConversation(device, word)).members.find(({ self }) => !self)
			: await findPerson(device, word);
		if (person === undefined) throw new UsageError("nobody else is in that conversation");
		await device.report(person.account, reason);
		output.say({ account: person.account, reason, reported: true }, "Reported. They are not told who did.");
	}),
};
