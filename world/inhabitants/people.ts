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

/**
 * Registers people one after the other.
 */
export async function registerPeople(
	server: string,
	count: number,
	directory: string,
	codes: SentCodes,
): Promise<readonly SamplePerson[]> {
	const people: SamplePerson[] = [];
	for (let i = 0; i < count; i++) {
		const phone = `+${FIRST_NUMBER + i}`;
		const name = NAMES[i % NAMES.length] + (i < NAMES.length ? "" : ` ${Math.floor(i / NAMES.length) + 1}`);
		const profile = join(directory, phone.slice(1));
		await registerProfile({
			dir: profile,
			server,
			phone,
			name,
			code: codes.after(phone),
			acceptTerms: true,
		});
		people.push({ phone, name, profile });
	}
	return people;
}
