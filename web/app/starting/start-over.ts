import { putNoticeAside } from "../terms/use-notice.ts";

/** Begins with an empty page, as if this browser had never had an account. */
export function startOver(): void {
	putNoticeAside(0);
	location.replace("#/");
	location.reload();
}
