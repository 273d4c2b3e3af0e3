import type { ChangedPerson, Device, Person, SafetyOutcome } from "../../device/api.ts";
import { type Command, requireWord } from "../command.ts";
import { findPerson } from "../people.ts";
import { withDevice } from "../with-device.ts";

const OUTCOMES: Readonly<Record<SafetyOutcome, string>> = {
	same: "The same: nobody stands in between.",
	offered: "Their code holds the key that was refused here: it is theirs (--accept).",
	differs: "NOT the same: do not trust this conversation until you know why.",
	"for-another": "This is the code of somebody else, or it was made for somebody else.",
	unreadable: "This is neither a code nor 60 digits.",
};

export const verify: Command = {
	name: "verify",
	usage: "PHONE [--code TEXT] [--confirm | --withdraw | --accept | --ignore]",
	summary: "shows the safety number with this person; equal on both sides means nobody is in between",
	options: { code: "string", confirm: "boolean", withdraw: "boolean", accept: "boolean", ignore: "boolean" },
	run: withDevice("server", async (device, args, { output }) => {
		const person = await findPerson(device, requireWord(args, 0, "PHONE"));
		const changed = await changeOf(device, person);
		if (changed !== undefined && args.flag("accept")) await device.acceptKeyChange(changed.person.account);
		if (changed !== undefined && args.flag("ignore")) await device.acknowledgeKeyChange(changed.person.account);
		const code = args.option("code");
		const compared = code === undefined ? undefined : await device.compareSafetyCode(code, person.account);
		if (compared?.outcome === "same" || (compared === undefined && args.flag("confirm")) || args.flag("withdraw"))
			await device.confirmSafetyNumber(person.account, !args.flag("withdraw"));
		const safety = await device.safetyNumber(person.account);
		const change = (await changeOf(device, person))?.what;
		output.say(
			{
				account: person.account,
				digits: safety.digits.join(" "),
				verified: safety.verified,
				code: safety.code,
				...(compared !== undefined && { outcome: compared.outcome }),
				...(change !== undefined && { changed: change }),
				...(safety.offeredDigits !== undefined && { offeredDigits: safety.offeredDigits.join(" ") }),
			},
			[
				...rowsOf(safety.digits),
				...(compared === undefined ? [] : [OUTCOMES[compared.outcome]]),
				safety.verified ? "Verified." : "Not verified.",
				...(change === "key" ? ["The server shows another key for them, which was refused."] : []),
				...(safety.offeredDigits === undefined ? [] : ["With that key:", ...rowsOf(safety.offeredDigits)]),
				...(change === "number" ? ["Their number belongs to another account now: --accept goes on with it."] : []),
			].join("\n"),
		);
	}),
};

function rowsOf(digits: readonly string[]): readonly string[] {
	return [digits.slice(0, 4), digits.slice(4, 8), digits.slice(8)].map((row) => `  ${row.join(" ")}`);
}

/** What changed about this person, or about the account that had their number before. */
async function changeOf(device: Device, { account }: Person): Promise<ChangedPerson | undefined> {
	const changes = (await device.conversations()).flatMap(({ changed }) => changed);
	return changes.find(({ person, successor }) => person.account === account || successor?.account === account);
}
