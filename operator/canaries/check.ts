/** Asks every company whether it holds anything under the planted numbers, and each number's own list of shares. */
import { openProfile } from "@troth/client/device/open.node.ts";
import * as v from "valibot";
import type { CodeFor } from "./codes.ts";
import { refuseAll } from "./plant.ts";
import { type Canary, profileOf, readCanaries } from "./record.ts";

const Claim = v.object({ claim: v.string() });
const Answer = v.object({
	known: v.boolean(),
	items: v.array(v.object({ what: v.string(), purpose: v.string(), source: v.string() })),
});

export interface CanaryAnswer {
	readonly phone: string;
	readonly recipient: string;
	/** `unreachable`: it could not be asked, or did not answer as it has to. */
	readonly answer: "unknown" | "known" | "unreachable";
	readonly items: v.InferOutput<typeof Answer>["items"];
}

export interface OwnShares {
	readonly phone: string;
	/** `number`: the log has a share of it with the number. `alarm`: something in the list does not verify. */
	readonly answer: "nothing" | "number" | "alarm" | "unchecked";
}

export interface Verdict {
	/** `open`: nothing was found, but not everybody could be asked. */
	readonly verdict: "unknown" | "known" | "open";
	readonly answers: readonly CanaryAnswer[];
	readonly shares: readonly OwnShares[];
}

export interface CheckOptions {
	readonly directory: string;
	/** Addresses of the companies' web sites. */
	readonly recipients: readonly string[];
	readonly codeFor: CodeFor;
}

/** Asks all of them. Rejects where nothing is planted. */
export async function checkCanaries({ directory, recipients, codeFor }: CheckOptions): Promise<Verdict> {
	const canaries = await readCanaries(directory);
	if (canaries.length === 0) throw new Error("no number is planted in this directory");
	const answers: CanaryAnswer[] = [];
	const shares: OwnShares[] = [];
	for (const canary of canaries) {
		for (const recipient of recipients) answers.push(await askRecipient(canary, recipient, codeFor));
		shares.push(await askOwnList(directory, canary));
	}
	const known =
		answers.some(({ answer }) => answer === "known") ||
		shares.some(({ answer }) => answer === "number" || answer === "alarm");
	const open =
		answers.some(({ answer }) => answer === "unreachable") || shares.some((one) => one.answer === "unchecked");
	return { verdict: known ? "known" : open ? "open" : "unknown", answers, shares };
}

/** Proves the number by its code, as anybody can who has no account there. */
async function askRecipient({ phone }: Canary, recipient: string, codeFor: CodeFor): Promise<CanaryAnswer> {
	const call = async (path: string, body: object): Promise<unknown> => {
		const response = await fetch(new URL(path, recipient), {
			method: "POST",
			headers: { "content-type": "application/json" },
			body: JSON.stringify(body),
		});
		if (!response.ok) throw new Error(`${recipient} answered ${response.status}`);
		return response.json();
	};
	try {
		const code = await codeFor(phone, recipient);
		const { claim } = v.parse(Claim, await call("/api/number", { phone }));
		const { known, items } = v.parse(Answer, await call("/api/number/verify", { claim, code: await code() }));
		// An item that counts as nothing would be a way to say no and mean yes.
		const held = items.filter(({ what }) => what !== "kept_out");
		return { phone, recipient, answer: known || held.length > 0 ? "known" : "unknown", items };
	} catch {
		return { phone, recipient, answer: "unreachable", items: [] };
	}
}

/** What the log says of it itself; a newer version of the terms is refused as the first one was. */
async function askOwnList(directory: string, canary: Canary): Promise<OwnShares> {
	const { phone } = canary;
	const dir = profileOf(directory, canary);
	try {
		await refuseAll(dir);
		await using device = await openProfile({ dir, connect: false });
		const { shares, holes, end } = await device.shares();
		if (shares.some(({ fields }) => fields.includes("phone_number"))) return { phone, answer: "number" };
		const wrong = holes.length > 0 || end.kind === "hidden" || end.kind === "wrong";
		if (wrong || shares.some(({ alarms }) => alarms.length > 0)) return { phone, answer: "alarm" };
		return { phone, answer: end.kind === "complete" ? "nothing" : "unchecked" };
	} catch {
		return { phone, answer: "unchecked" };
	}
}
