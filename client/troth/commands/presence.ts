import type { Device, PresenceView } from "../../device/api.ts";
import { AUDIENCE_NAMES, type AudienceName } from "../../device/presence-api.ts";
import { type Command, requireWord, UsageError } from "../command.ts";
import { nameOf } from "../events.ts";
import { withDevice } from "../with-device.ts";

/** How long an answer of the server is waited for: nothing comes where nothing may be seen of a stranger. */
const ANSWER_MS = 5_000;

export const presence: Command = {
	name: "presence",
	usage: "[everyone|contacts|nobody | of PHONE]",
	summary: "shows or sets who may see when you are here, or says when somebody was here last",
	options: {},
	run: withDevice("server", async (device, args, { output }) => {
		const [word] = args.words;
		if (word === "of") {
			const person = await device.find(requireWord(args, 1, "PHONE"));
			await device.openDirect(person.account);
			const { account, online, lastSeenMs } = await answered(device, person.account);
			const seen = lastSeenMs === undefined ? {} : { lastSeen: lastSeenMs };
			return output.say({ account, online, ...seen }, `${nameOf(person)}: ${describe(online, lastSeenMs)}`);
		}
		if (word !== undefined) await device.setPresenceAudience(audienceOf(word));
		const audience = await device.presenceAudience();
		output.say({ audience }, `Who may see when you are here: ${audience}. You see it of those who can see yours.`);
	}),
};

function audienceOf(word: string): AudienceName {
	const audience = AUDIENCE_NAMES.find((name) => name === word);
	if (audience === undefined) throw new UsageError(`there is no audience ${word}`);
	return audience;
}

function describe(online: boolean, lastSeenMs: number | undefined): string {
	if (online) return "here now";
	if (lastSeenMs === undefined) return "not to be seen";
	return `last here ${new Date(lastSeenMs).toISOString().slice(0, 16).replace("T", " ")} (UTC)`;
}

async function answered(device: Device, account: PresenceView["account"]): Promise<PresenceView> {
	const { promise, resolve } = Promise.withResolvers<PresenceView>();
	const stop = device.subscribe((event) => {
		if (event.type === "presence" && event.presence.account === account) resolve(event.presence);
	});
	const known = await device.watchPresence(account);
	const timer = setTimeout(() => resolve(known), ANSWER_MS);
	try {
		return await promise;
	} finally {
		clearTimeout(timer);
		stop();
	}
}
