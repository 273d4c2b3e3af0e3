/** Keeps notifications going while the app is open. */
import type { ConversationId } from "@troth/protocol";
import { useEffect } from "react";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { notificationChoices } from "./choices.ts";
export function useNotifications(): void {
	const { host, connection } = useModel();
	const online = useCell(connection).state === "online";
	const { on } = useCell(notificationChoices);
	// Browsers end subscriptions by themselves, and servers get other keys.
	useEffect(() => {
		if (!on || !online) return;
		void (async () => {
			const [{ keepWakeUps, mayNotify }, { tellWhenLookedAt }] = await Promise.all([
				import("./wake-ups.ts"),
				import("./show-message.ts"),
			]);
			tellWhenLookedAt();
			if (mayNotify()) await keepWakeUps(host).catch(() => {});
		})();
	}, [host, online, on]);
	// The service worker was woken: whatever there is, is fetched at once.
	useEffect(() => {
		const woken = ({ data }: MessageEvent) => {
			const { kind, conversation } = (data ?? {}) as { readonly kind?: unknown; readonly conversation?: unknown };
			if (kind === "wake") void host.reconnect();
			if (kind === "open" && typeof conversation === "string")
				goTo({ place: "chat", id: conversation as ConversationId });
		};
		navigator.serviceWorker?.addEventListener("message", woken);
		return () => navigator.serviceWorker?.removeEventListener("message", woken);
	}, [host]);
}
