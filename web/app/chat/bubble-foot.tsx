/** Time and state below a bubble, or why it was not sent. */
import { WayMark } from "../design/rings.tsx";
import { words } from "../words/words.ts";
import type { BubbleRow } from "./rows.ts";

export interface BubbleFootProps {
	readonly row: BubbleRow;
	readonly onResend: () => void;
}

export function BubbleFoot({ row: { message, own, delivery }, onResend }: BubbleFootProps) {
	const time = words.time.timeOfDay(message.timeMs);
	if (delivery?.state === "failed") {
		return (
			<p role="alert" className="flex flex-wrap items-center justify-end gap-x-2 px-1 pt-1 text-rust text-xs">
				{words.message.failed(words.refusal(delivery.code))}
				<button type="button" onClick={onResend} className="font-semibold underline underline-offset-2">
					{words.message.sendAgain}
				</button>
			</p>
		);
	}
	return (
		<p
			className={`flex items-center gap-1 px-1.5 pt-0.5 text-2xs ${own && delivery?.state === "read" ? "text-plum" : "text-muted"}`}
		>
			<time className="text-muted" dateTime={new Date(message.timeMs).toISOString()}>
				{time}
			</time>
			{delivery !== undefined && (
				<>
					<WayMark way={delivery.state} />
					<span>{words.message.way[delivery.state]}</span>
				</>
			)}
		</p>
	);
}
