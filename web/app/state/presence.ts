/** Who is here of those whose chat is open; and that the person is, while they look at this page. */
import type { PresenceView } from "@troth/client/device/api.ts";
import { HERE_MS, WATCH_MS } from "@troth/client/device/presence-api.ts";
import type { AccountId } from "@troth/protocol";
import { useCallback, useEffect } from "react";
import { useModel } from "./context.ts";
import { Cell, useCell } from "./store.ts";

/** So often within the time for which it holds: one repetition may be late. */
const REPEATS = 2.5;

export class Presences {
	readonly now = new Cell<ReadonlyMap<AccountId, PresenceView>>(new Map());

	set(view: PresenceView): void {
		this.now.set(new Map(this.now.value).set(view.account, view));
	}
}

/** What may be seen of this person, while the page is looked at. */
export function usePresence(account: AccountId | undefined): PresenceView | undefined {
	const { host, presences } = useModel();
	const known = useCell(presences.now);
	const watch = useCallback(async () => {
		if (account !== undefined) presences.set(await host.watchPresence(account));
	}, [host, presences, account]);
	useWhileLookedAt(WATCH_MS / REPEATS, watch);
	return account === undefined ? undefined : known.get(account);
}

/** Says that the person is here, as long as they look at the page. */
export function useBeingHere(): void {
	const { host } = useModel();
	useWhileLookedAt(HERE_MS / REPEATS, host.here);
}

/**
 * Does it now, again after a while, and whenever the page comes back to the front. Without a device it is not done.
 *
 * @param work must keep its identity between renderings
 */
function useWhileLookedAt(everyMs: number, work: () => Promise<void>): void {
	const { clock } = useModel();
	useEffect(() => {
		let timer = clock.after(0, repeat);
		function repeat(): void {
			timer.cancel();
			if (document.visibilityState !== "visible") return;
			work().catch(() => {});
			timer = clock.after(everyMs, repeat);
		}
		document.addEventListener("visibilitychange", repeat);
		return () => {
			timer.cancel();
			document.removeEventListener("visibilitychange", repeat);
		};
	}, [clock, everyMs, work]);
}
