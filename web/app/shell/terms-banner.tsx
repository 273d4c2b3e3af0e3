/** New terms that wait for an answer: said on every screen, with the days left, until they are answered; and words of the server that do not verify. */
import { PauseCircle, ScrollText, ShieldX } from "lucide-react";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { putNoticeAside, useNotice } from "../terms/use-notice.ts";
import { words } from "../words/words.ts";

export function TermsBanner() {
	const notice = useNotice();
	const distrust = useCell(useModel().distrust);
	if (distrust !== undefined)
		return (
			<div role="alert" className="flex shrink-0 items-center gap-2.5 bg-rust-soft px-4 py-2 text-sm">
				<ShieldX size={17} aria-hidden="true" className="shrink-0 text-rust" />
				<p>{distrust}</p>
			</div>
		);
	if (notice === undefined) return null;
	const { suspended, version, daysLeft } = notice;
	const { notice: say, suspended: paused, daysLeft: left } = words.sharing;
	const Icon = suspended ? PauseCircle : ScrollText;
	return (
		<div
			className={`flex shrink-0 items-center gap-2.5 px-4 py-2 text-sm ${suspended ? "bg-rust-soft" : "bg-plum-soft"}`}
		>
			<Icon size={17} aria-hidden="true" className={`shrink-0 ${suspended ? "text-rust" : "text-plum"}`} />
			<p>
				{suspended ? paused.banner : say.bannerPending(version)}
				{!suspended && (daysLeft === undefined ? "." : `: ${left(daysLeft)}.`)}{" "}
				<button
					type="button"
					onClick={() => putNoticeAside(0)}
					className="font-semibold text-plum underline underline-offset-2"
				>
					{say.bannerAction}
				</button>
			</p>
		</div>
	);
}
