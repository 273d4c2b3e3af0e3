/** Tells the person of a message while no tab is looked at. What it says is up to them. */
import type { MessageView } from "@troth/client/device/api.ts";
import { previewOf } from "../state/preview.ts";
import { words } from "../words/words.ts";
import { notificationChoices } from "./choices.ts";
import { mayNotify } from "./wake-ups.ts";

/** Held by every tab that is looked at. */
const LOOKED_AT = "troth-looked-at";
/** The service worker's notification has the same tag: one takes the other's place (`web/offline`). */
const TAG = "troth-new-messages";

let telling = false;

/** Lets the other tabs of this browser know when this one is looked at. Once is enough. */
export function tellWhenLookedAt(): void {
	if (telling) return;
	telling = true;
	let away = () => {};
	const follow = () => {
		away();
		if (document.visibilityState === "visible")
			void navigator.locks.request(
				LOOKED_AT,
				{ mode: "shared" },
				() => new Promise<void>((resolve) => (away = resolve)),
			);
	};
	document.addEventListener("visibilitychange", follow);
	follow();
}

/** @param title of the conversation, where it is a group's */
export async function showMessage(message: MessageView, title: string | undefined): Promise<void> {
	if (document.visibilityState === "visible" || !mayNotify()) return;
	const { held = [] } = await navigator.locks.query();
	if (held.some(({ name }) => name === LOOKED_AT)) return;
	const { notifications: say, common } = words;
	const who = message.sender?.name ?? message.sender?.phone ?? common.unknownPerson;
	const { previews } = notificationChoices.value;
	const registration = await navigator.serviceWorker.ready;
	await registration.showNotification(previews ? say.from(who, title) : say.newMessages, {
		tag: TAG,
		icon: "/icon-192.png",
		...(previews && { body: previewOf(message), data: { conversation: message.conversation } }),
	});
}
