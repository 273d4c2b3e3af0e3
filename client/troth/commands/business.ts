import { type AccountId, Refusal } from "@troth/protocol";
import type { BusinessPreferenceView, BusinessPurpose, BusinessView, Device } from "../../device/api.ts";
import { type Arguments, type Command, requireWord, UsageError } from "../command.ts";
import type { Output } from "../output.ts";
import { withDevice } from "../with-device.ts";

const ACTIONS = ["list", "allow", "stop", "block", "unblock", "why"] as const;
const PURPOSES = ["service", "utility", "authentication", "marketing"] as const satisfies readonly BusinessPurpose[];

export const business: Command = {
	name: "business",
	usage: `list | allow|stop|block|unblock|why BUSINESS [--purpose ${PURPOSES.join("|")}]`,
	summary: "what businesses may send: all purposes, or one",
	options: { purpose: "string" },
	run: withDevice("server", async (device, args, { output }) => {
		const word = requireWord(args, 0, "list, allow, stop, block, unblock or why");
		const action = ACTIONS.find((one) => one === word);
		if (action === undefined) throw new UsageError(`there is no troth business ${word}`);
		if (args.words.length > (action === "list" ? 1 : 2)) throw new UsageError("too many words");
		const purposes = purposesOf(args);
		if (action === "list") {
			for (const one of await device.businesses()) output.say(viewOf(one), describe(one));
			return;
		}
		const chosen = await findBusiness(device, requireWord(args, 1, "BUSINESS"));
		switch (action) {
			case "allow":
				return decide(device, output, chosen, purposes, "allowed");
			case "stop":
				return decide(device, output, chosen, purposes, "stopped");
			case "block":
				await device.block(chosen.account);
				output.say({ account: chosen.account, blocked: true }, `${chosen.name} is blocked. It is not told.`);
				return;
			case "unblock":
				await device.unblock(chosen.account);
				output.say({ account: chosen.account, blocked: false }, `${chosen.name} may write again.`);
				return;
			case "why":
				return explain(device, output, chosen, purposes);
		}
	}),
};

function purposesOf(args: Arguments): readonly BusinessPurpose[] {
	const named = args.option("purpose");
	if (named === undefined) return PURPOSES;
	const purpose = PURPOSES.find((one) => one === named);
	if (purpose === undefined) throw new UsageError(`--purpose is one of ${PURPOSES.join(", ")}`);
	return [purpose];
}

/** By number, account id, or name where only one has it. */
async function findBusiness(device: Device, word: string): Promise<BusinessView> {
	const all = await device.businesses();
	const found = all.filter(({ account, phone, name }) => [account as string, phone, name].includes(word));
	const [first, second] = found;
	if (first === undefined) throw new Refusal("NOT_FOUND", "no approved business has this number, name or id");
	if (second !== undefined) throw new UsageError("several businesses have this name: use the number");
	return first;
}

async function decide(
	device: Device,
	output: Output,
	{ account, name }: BusinessView,
	purposes: readonly BusinessPurpose[],
	permission: "allowed" | "stopped",
): Promise<void> {
	for (const purpose of purposes) {
		const decided = await device.setBusinessPreference(account, purpose, permission);
		output.say({ account, ...decided }, `${name}, ${purpose}: ${permission}.`);
	}
}

/** What every message of these purposes rests on, and the newest one of each. */
async function explain(
	device: Device,
	output: Output,
	{ account, name, preferences }: BusinessView,
	purposes: readonly BusinessPurpose[],
): Promise<void> {
	const messages = await messagesFrom(device, account);
	for (const preference of preferences.filter(({ purpose }) => purposes.includes(purpose))) {
		const last = messages.findLast(({ business }) => business.purpose === preference.purpose);
		const { purpose, permission, decidedAtMs, consentId } = preference;
		output.say(
			{
				...{ account, name, purpose, permission, since: decidedAtMs, receipt: consentId, rests: RESTS[purpose] },
				...(last !== undefined && {
					last: { time: last.timeMs, template: last.business.template?.name, receipt: last.business.consentId },
				}),
			},
			`${purpose}: ${describePreference(preference)}. ${RESTS[purpose]}`,
		);
	}
}

/** What allows a purpose by itself (`messenger/business/category-rule.ts`). */
const RESTS: Record<BusinessPurpose, string> = {
	service: "They may answer for 24 hours after you wrote.",
	utility: "They may tell you of what you ordered until you stop it.",
	authentication: "They may send you codes until you stop it.",
	marketing: "They may write only with your signed receipt.",
};

const LOOKED_AT = 1000;

async function messagesFrom(device: Device, account: AccountId) {
	const views = await device.conversations();
	const chat = views.find(({ kind, members }) => kind === "direct" && members.some((one) => one.account === account));
	if (chat === undefined) return [];
	return (await device.messages(chat.id, { limit: LOOKED_AT })).flatMap(({ body, timeMs }) =>
		body.kind === "text" && body.business !== undefined ? [{ business: body.business, timeMs }] : [],
	);
}

function viewOf({ account, name, phone, blocked, preferences }: BusinessView): Readonly<Record<string, unknown>> {
	return { account, name, phone, blocked, preferences };
}

function describe({ name, phone, blocked, preferences }: BusinessView): string {
	const said = preferences.filter(({ permission }) => permission !== "unset");
	const rows = said.map((one) => `  ${one.purpose}: ${describePreference(one)}`);
	return [`${name}  ${phone}${blocked ? "  [blocked]" : ""}`, ...rows].join("\n");
}

function describePreference({ permission, decidedAtMs, consentId }: BusinessPreferenceView): string {
	if (decidedAtMs === undefined) return "you said nothing about it";
	const since = new Date(decidedAtMs).toISOString().slice(0, 16).replace("T", " ");
	return `${permission} since ${since}, receipt ${consentId}`;
}
