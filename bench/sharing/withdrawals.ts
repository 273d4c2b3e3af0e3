/**
 * How long a withdrawal takes: until the person has the answer, and until the parent has nothing any more. In a sandbox,
 * which is the whole world with a process for each service; the devices are real ones, as `troth` opens them.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Device } from "@troth/client";
import { openProfile } from "@troth/client/device/open.node.ts";
import { json, post, Sandbox } from "@troth/world/_sandbox.ts";

const PURPOSE = "relevant_ads";
const SHOWN = { control: "command", initiallyOn: false, place: "settings" } as const;
const LOOK_MS = 20;
const LONGEST_MS = 60_000;

export interface WithdrawalsMeasured {
	/** From the person's act to the answer, signature and the device's own store included; ms, sorted. */
	readonly answeredMs: readonly number[];
	/** From the person's act until the parent's probe knows nothing of the share; ms, sorted. */
	readonly goneMs: readonly number[];
}

/** Grants and withdraws `rounds` times with each of the people that the parent knows by number. */
export async function measureWithdrawals(rounds: number, say: (line: string) => void): Promise<WithdrawalsMeasured> {
	await using sandbox = await Sandbox.start();
	const { messenger, family, people } = sandbox.facts;
	if (family === undefined) throw new TypeError("a sandbox without a parent");
	const headers = { authorization: `Bearer ${messenger.operatorToken}` };
	const { body } = await json(`${messenger.url}/operator/terms`, { headers });
	await post(`${messenger.url}/operator/terms`, messenger.operatorToken, body["next"]);
	const known = new Set(family.logins.filter(({ phoneVerified }) => phoneVerified).map(({ name }) => name));
	const answeredMs: number[] = [];
	const goneMs: number[] = [];
	for (const { name, phone, profile } of people.filter((person) => known.has(person.name))) {
		await using device = await openProfile({ dir: profile });
		const isThere = async () => {
			const probe = await json(`${family.probeUrl}?phone=${encodeURIComponent(phone)}`);
			const items = probe.body["items"] as readonly { readonly purpose: string; readonly source: string }[];
			return items.some((item) => item.purpose === PURPOSE && item.source === "share");
		};
		await accept(device);
		for (let round = 0; round < rounds; round++) {
			await device.decide([{ purpose: PURPOSE, granted: true }], SHOWN);
			await settled(isThere, true);
			const before = performance.now();
			await device.decide([{ purpose: PURPOSE, granted: false }], SHOWN);
			answeredMs.push(performance.now() - before);
			await settled(isThere, false);
			goneMs.push(performance.now() - before);
		}
		say(`${answeredMs.length} withdrawals, the last by ${name}`);
	}
	const ascending = (a: number, b: number) => a - b;
	return { answeredMs: answeredMs.sort(ascending), goneMs: goneMs.sort(ascending) };
}

async function accept(device: Device): Promise<void> {
	const { version } = await device.terms();
	await device.confirmNotice(version);
	await device.acceptTerms(version);
}

async function settled(look: () => Promise<boolean>, wanted: boolean): Promise<void> {
	const until = performance.now() + LONGEST_MS;
	while ((await look()) !== wanted) {
		if (performance.now() > until) throw new Error("the parent did not follow within a minute");
		await pause(LOOK_MS);
	}
}
