/** Another device of somebody who has one, linked as people do it. */
import type { Device, LinkInvitation, Self } from "../device/api.ts";
import { createJoining } from "../linking/new-device.ts";
import { Person, type PersonOptions } from "./_people.ts";

export interface Waiting {
	readonly person: Person;
	readonly invitation: LinkInvitation;
	finish(): Promise<Self>;
}

export const Companion = {
	/** The new device shows its code. */
	async begin(owner: Person, name: string, options: PersonOptions = {}): Promise<Waiting> {
		const person = await Person.unregistered(owner.world, `${owner.name}'s ${name}`, {
			...options,
			phone: owner.phone,
		});
		const joining = createJoining(person.ports());
		const invitation = await joining.beginLink(owner.world.url, name);
		return { person, invitation, finish: () => joining.finishLink() };
	},

	/** Shows the code, confirmed by the owner's device; the new one is open and caught up when it resolves. */
	async link(owner: Person, name: string, options: PersonOptions = {}): Promise<Person> {
		const { person, invitation, finish } = await Companion.begin(owner, name, options);
		await confirm(owner.device, invitation.address, finish, person);
		await person.comeBack();
		return person;
	},
};

async function confirm(device: Device, address: string, finish: () => Promise<Self>, person: Person): Promise<void> {
	const finished = finish();
	const { link } = await device.openLink(address);
	await device.confirmLink(link);
	person.self = await finished;
}
