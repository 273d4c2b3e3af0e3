import { openAsBlob } from "node:fs";
import { formatCode } from "../../archive/recovery-code.ts";
import type { Device } from "../../device/api.ts";
import { type Command, requireWord } from "../command.ts";
import { withDevice } from "../with-device.ts";
import { writeWhole } from "../write-file.ts";

export const backup: Command = {
	name: "backup",
	usage: "FILE [--key | --code CODE]",
	summary: "writes history and settings to a file, encrypted under a code that is printed once",
	options: { key: "boolean", code: "string" },
	run: withDevice("store", async (device, args, { output }) => {
		const file = requireWord(args, 0, "FILE");
		const given = args.option("code");
		const code =
			given === undefined ? await device.newRecoveryCode(args.flag("key") ? "key" : "code") : formatCode(given);
		const bytes = await writeWhole(file, piecesOf(device, await device.startBackup(code)));
		output.say(
			{ file, bytes, code },
			`Your history is in ${file}. Only this code opens it, and it is kept nowhere: write it down.\n\n  ${code}\n`,
		);
	}),
};

/** A file that the device makes, piece by piece. */
export async function* piecesOf(device: Device, file: string): AsyncGenerator<Uint8Array> {
	for (;;) {
		const piece = await device.nextPiece(file);
		if (piece === undefined) return;
		yield piece;
	}
}

export const restore: Command = {
	name: "restore",
	usage: "FILE [--code CODE]",
	summary: "takes the history and settings of a backup into this profile",
	options: { code: "string" },
	run: withDevice("store", async (device, args, { output, ask }) => {
		const file = requireWord(args, 0, "FILE");
		const blob = await openAsBlob(file);
		const code = args.option("code") ?? (await ask("The recovery code of this backup: "));
		const { people, conversations, messages, ofAnother } = await device.takeBackup(blob, code);
		output.say(
			{ file, people, conversations, messages, ofAnother },
			`${messages} messages of ${conversations} conversations and ${people} people are here now.${ofAnother ? " They can be read; write to somebody in a new conversation." : ""}`,
		);
	}),
};
