/** Plants numbers: registered, the terms in force accepted, every purpose that asks refused, and to the others objected where one can. */
import { openProfile, registerProfile } from "@troth/client/device/open.node.ts";
import { type Clock, SystemClock } from "@troth/protocol";
import type { CodeFor } from "./codes.ts";
import { profileOf, readCanaries, writeCanaries } from "./record.ts";

export interface PlantOptions {
	readonly directory: string;
	readonly server: string;
	/** E.164, of the auditor's own: known to nobody but the messenger from now on. */
	readonly phones: readonly string[];
	readonly codeFor: CodeFor;
	readonly clock?: Clock;
}

/**
 * Plants what is not planted yet, and gives the numbers. Each is written down before it is registered: one that was half
 * planted is finished by the next try. Rejects where the messenger refuses.
 */
export async function plantCanaries(options: PlantOptions): Promise<readonly string[]> {
	const { directory, server, phones, codeFor, clock = new SystemClock() } = options;
	for (const phone of phones) {
		const known = await readCanaries(directory);
		if (!known.some((canary) => canary.phone === phone))
			await writeCanaries(directory, [...known, { phone, server, plantedAtMs: clock.now() }]);
		const dir = profileOf(directory, { phone });
		const code = await codeFor(phone, server);
		await registerProfile({ dir, server, phone, name: "Canary", code, acceptTerms: true });
		await refuseAll(dir);
	}
	return phones;
}

/** Accepting decides nothing about sharing; under opt-out silence would, and an explicit no is on record under both. */
export async function refuseAll(dir: string): Promise<void> {
	await using device = await openProfile({ dir, connect: false });
	const terms = await device.terms();
	if (terms.acceptedVersion < terms.version) await device.acceptTerms(terms.version);
	const { choices } = await device.sharing();
	const open = terms.purposes.filter(({ id, choice, objectable, recipients }) => {
		const state = choices.find(({ purpose }) => purpose === id)?.state;
		return (choice || objectable) && recipients.length > 0 && state !== "refused" && state !== "withdrawn";
	});
	// How it was shown is part of what is signed: one answer for each way.
	for (const initiallyOn of [false, true]) {
		const purposes = open.filter((purpose) => purpose.initiallyOn === initiallyOn);
		const no = purposes.map(({ id }) => ({ purpose: id, granted: false }));
		if (no.length > 0) await device.decide(no, { control: "command", initiallyOn, place: "settings" });
	}
}
