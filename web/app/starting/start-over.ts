import { chooseNotifications } from "../notifications/choices.ts";
import { putNoticeAside } from "../terms/use-notice.ts";

/** Begins with an empty page, as if this browser had never had an account. */
export function startOver(): void {
	putNoticeAside(0);
	chooseNotifications({ on: false, previews: false });
	const forgotten = import("../notifications/wake-ups.ts").then(({ forgetSubscription }) => forgetSubscription());
	void forgotten.finally(() => {
		location.replace("#/");
		location.reload();
	});
}
