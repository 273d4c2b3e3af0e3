import type { AboutMeView, KnownValue } from "../../device/api.ts";
import type { Command } from "../command.ts";
import { withDevice } from "../with-device.ts";

/** `troth about-me`: everything that the server's records hold about this account, in words or as JSON. */
export const aboutMe: Command = {
	name: "about-me",
	usage: "",
	summary: "says everything the server knows about you, why and for how long; with --json as one document",
	options: {},
	run: withDevice("nothing", async (device, _args, { output }) => {
		const known = await device.aboutMe();
		output.say({ ...known }, linesOf(known).join("\n"));
	}),
};

function linesOf({ atMs, sections }: AboutMeView): readonly string[] {
	const parts = sections.flatMap(({ title, text, rows }) => [
		"",
		title,
		`  (${text})`,
		...rows.map(({ facts }) => `  - ${facts.map(({ label, value }) => `${label}: ${textOf(value)}`).join("; ")}`),
	]);
	return [`What the server knows about you, at ${timeOf(atMs)}. It can not read your messages.`, ...parts];
}

function textOf(value: KnownValue): string {
	switch (value.kind) {
		case "text":
			return value.text;
		case "number":
			return String(value.number);
		case "time":
			return timeOf(value.ms);
		case "bytes":
			return value.hex.length > 64 ? `${value.hex.length / 2} bytes` : value.hex;
	}
}

function timeOf(ms: number): string {
	return ms === 0 ? "never" : new Date(ms).toISOString().slice(0, 19).replace("T", " ");
}
