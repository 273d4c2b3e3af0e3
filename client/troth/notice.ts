/** The notice of new terms on the command line: what is printed was displayed, and this device signs that it was. */
import { isRefusal } from "@troth/protocol";
import type { Device } from "../device/api.ts";
import type { TermsReminder } from "../device/sharing-api.ts";
import { Untrusted } from "../identity/untrusted.ts";
import type { Output } from "./output.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Prints a reminder with the days that are left; nothing where the version was answered meanwhile. */
export async function printReminder(device: Device, { version, day }: TermsReminder, output: Output): Promise<void> {
	try {
		const { pendingVersion, deadlineMs, serverTimeMs } = await device.sharing();
		if (pendingVersion === version && deadlineMs !== undefined) {
			const daysLeft = Math.max(0, Math.ceil((deadlineMs - serverTimeMs) / DAY_MS));
			output.say(
				{ type: "terms", version, reminder: day, daysLeft, deadline: deadlineMs },
				`Version ${version} of the terms waits for an answer: ${daysLeft === 1 ? "1 day is" : `${daysLeft} days are`} left. \`troth accept ${version}\``,
			);
		}
		await device.reminderShown(version);
	} catch (error) {
		if (!isRefusal(error, "UNAVAILABLE", "INTERNAL")) throw error;
	}
}

/** Prints that the account was about to end, once; false where nothing of the kind was said. */
export async function printEnding(device: Device, output: Output): Promise<boolean> {
	const ending = await device.accountEnding();
	if (ending === undefined) return false;
	const { warning, endsAtMs: endsAt, awaySinceMs: awaySince } = ending;
	const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
	output.say(
		{ type: "account-ending", warning, endsAt, awaySince },
		`This account was to be deleted on ${day(endsAt)}, because it is paused and none of its devices had come since ${day(awaySince)}. You are here: that is put off. Read \`troth terms\`, then \`troth accept VERSION\`.`,
	);
	await device.dismissAccountEnding();
	return true;
}

/** Prints the summary of a version and confirms it; without a server it is printed again by the next `listen`. */
export async function printNotice(device: Device, version: number, output: Output): Promise<void> {
	try {
		const { summary, publishedAtMs } = await device.terms(version);
		const lines = [`New terms, version ${version}:`, ...summary.map((line) => `  · ${line}`)];
		output.say(
			{ type: "terms", version, publishedAt: publishedAtMs, summary },
			[...lines, `Read them with \`troth terms\`, then \`troth accept ${version}\`.`].join("\n"),
		);
		await device.confirmNotice(version);
	} catch (error) {
		if (error instanceof Untrusted)
			output.say({ type: "warning", warning: error.code, version }, `Terms that do not verify: ${error.message}`);
		else if (!isRefusal(error, "UNAVAILABLE", "INTERNAL")) throw error;
	}
}
