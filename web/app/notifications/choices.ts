/** What the person allowed in this browser. Kept in its plain storage: it tells nothing about anyone. */
import { Cell } from "../state/store.ts";

export interface NotificationChoices {
	/** They asked for notifications here. */
	readonly on: boolean;
	/** With who wrote, and what. */
	readonly previews: boolean;
}

const KEY = "troth.notifications";
const OFF: NotificationChoices = { on: false, previews: false };

export const notificationChoices = new Cell<NotificationChoices>(read());

function read(): NotificationChoices {
	try {
		const { on, previews } = JSON.parse(localStorage.getItem(KEY) ?? "{}");
		return { on: on === true, previews: previews === true };
	} catch {
		return OFF;
	}
}

/** Holds in all tabs of this browser. */
export function chooseNotifications(change: Partial<NotificationChoices>): void {
	const choices = { ...notificationChoices.value, ...change };
	try {
		localStorage.setItem(KEY, JSON.stringify(choices));
	} catch {
		// Without storage the choice holds for this page.
	}
	notificationChoices.set(choices);
}

globalThis.addEventListener?.("storage", ({ key }) => {
	if (key === KEY) notificationChoices.set(read());
});
