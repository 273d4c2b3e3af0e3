/** While nobody was here the account was warned that it ends: said to whoever comes first, until they have seen it. */
import { CalendarX } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useAction } from "../info/use-action.ts";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { words } from "../words/words.ts";

export function EndingBanner() {
	const { host } = useModel();
	const act = useAction();
	const { value: ending, again } = useAnswer(host.accountEnding);
	useEffect(
		() =>
			host.subscribe((event) => {
				if (event.type === "resync" || (event.type === "device" && event.event.type === "account-ending")) again();
			}),
		[host, again],
	);
	const dismiss = useCallback(() => void act(() => host.dismissAccountEnding()), [act, host]);
	if (ending === undefined) return null;
	const { suspended: say } = words.sharing;
	return (
		<div role="status" className="flex shrink-0 items-start gap-2.5 bg-rust-soft px-4 py-2 text-sm">
			<CalendarX size={17} aria-hidden="true" className="mt-0.5 shrink-0 text-rust" />
			<p>
				{say.ending(ending.endsAtMs, ending.awaySinceMs)}{" "}
				<button type="button" onClick={dismiss} className="font-semibold text-plum underline underline-offset-2">
					{say.endingDismiss}
				</button>
			</p>
		</div>
	);
}
