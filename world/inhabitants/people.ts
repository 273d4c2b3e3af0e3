/** The sandbox's sample people: registered for real, each with a profile that `troth --profile` can use. */
import { join } from "node:path";
import { registerProfile } from "@troth/client/device/open.node.ts";
import type { SentCodes } from "../supervision/codes.ts";

export interface SamplePerson {
	readonly phone: string;
	readonly name: string;
	/** Directory of the profile. */
	readonly profile: string;
}

const NAMES = ["Alice", "Bob", "Carla", "Dan", "Erin", "Frank", "Grace", "Heidi", "Ivan", "Judy"];

/** The first number of the sample range; person n has this plus n. */
const FIRST_NUMBER = 15550100001;

/** Who they are; their profiles are made in `directory` when they register. */
export function samplePeople(count: number, directory: string): readonly SamplePerson[] {
	return Array.from({ length: count }, (_, i) => {
		const phone = `+${FIRST_NUMBER + i}`;
		const name = NAMES[i % NAMES.length] + (i < NAMES.length ? "" : ` ${Math.floor(i / NAMES.length) + 1}`);
		return { phone, name, profile: join(directory, phone.slice(1)) };
	});
}

/** Registers people one after the other, with the terms in force accepted. */
export async function registerPeople(server: string, people: readonly SamplePerson[], codes: SentCodes): Promise<void> {
	for (const { phone, name, profile } of people)
		await registerProfile({
			dir: profile,
			server,
			phone,
			name,
			code: codes.after(phone, "messenger"),
			acceptTerms: true,
		});
}
