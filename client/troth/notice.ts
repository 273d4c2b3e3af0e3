/** The notice of new terms on the command line: what is printed was displayed, and this device signs that it was. */
import { isRefusal } from "@troth/protocol";
import type { Device } from "../device/api.ts";
import { Untrusted } from "../identity/untrusted.ts";
import type { Output } from "./output.ts";

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
