/** While only contacts may find this person by number, the server has to know who they are: their ids, nothing else. */
import { FindableBy, idBytes, LIMITS } from "@troth/protocol";
import type { DeviceContext } from "../device/context.ts";
import { KEYS } from "../state/keys.ts";
import { contacts } from "./contacts.ts";

/**
 * Tells the server what changed among the contacts since this device last told it; nothing where others than contacts
 * decide. Only differences go out, so that devices with different address books do not undo each other.
 */
export async function tellContacts(context: DeviceContext): Promise<void> {
	const told = (await context.state.read(KEYS.finding))?.toldContacts;
	if (told === undefined) return;
	const now = new Set((await contacts(context)).slice(0, LIMITS.findableContacts));
	const before = new Set(told);
	const changes = [
		...[...now].filter((account) => !before.has(account)).map((account) => ({ account, add: true })),
		...told.filter((account) => !now.has(account)).map((account) => ({ account, add: false })),
	];
	for (let i = 0; i < changes.length; i += LIMITS.findableContactsPerRequest) {
		const part = changes.slice(i, i + LIMITS.findableContactsPerRequest);
		const ids = (add: boolean) => part.filter((one) => one.add === add).map(({ account }) => idBytes(account));
		const { byNumber } = await context.rpc.finding.setFindable({
			byNumber: FindableBy.CONTACTS,
			addContacts: ids(true),
			removeContacts: ids(false),
			keepChoice: true,
		});
		await context.state.transact(async (draft) => {
			const record = await draft.read(KEYS.finding);
			if (record?.toldContacts === undefined) return;
			if (byNumber !== FindableBy.CONTACTS) return draft.write(KEYS.finding, { ...record, toldContacts: undefined });
			const known = new Set(record.toldContacts);
			for (const { account, add } of part)
				if (add) known.add(account);
				else known.delete(account);
			draft.write(KEYS.finding, { ...record, toldContacts: [...known] });
		});
	}
}

/** Keeps the server told, as people are written to, blocked and imported; one round at a time. */
export function keepContactsTold(context: DeviceContext): void {
	let running = false;
	let again = false;
	const run = async () => {
		again = true;
		if (running) return;
		running = true;
		try {
			while (again) {
				again = false;
				await tellContacts(context);
			}
		} finally {
			running = false;
		}
	};
	context.announcer.subscribe((event) => {
		const concerns =
			event.type === "caught-up" ||
			event.type === "contacts" ||
			(event.type === "message" && event.message.sender?.self === true) ||
			(event.type === "conversation" && event.conversation.blocked);
		if (concerns) context.background(run);
	});
}
