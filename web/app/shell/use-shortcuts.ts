/** Keys that work everywhere: Ctrl/Cmd + K starts a chat, Escape goes one level up. */
import { useEffect } from "react";
import { goTo, useRoute } from "../routing/router.ts";
import { parentOf } from "../routing/routes.ts";

export function useShortcuts(): void {
	const route = useRoute();
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.isComposing) return;
			if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
				event.preventDefault();
				goTo({ place: "new-chat" });
			} else if (event.key === "Escape" && route.place !== "chats") {
				event.preventDefault();
				goTo(parentOf(route), { replace: true });
			}
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, [route]);
}
