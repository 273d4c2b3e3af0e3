/** The message that a message answers, in short; leads to it. */
import type { MessageView } from "@troth/client/device/api.ts";
import { useTitle } from "../people/use-numbers.ts";
import { nameOf, previewOf } from "../state/preview.ts";
import { hueOf } from "../ui/avatar.tsx";
import { words } from "../words/words.ts";

export interface QuoteProps {
	readonly quoted: MessageView | undefined;
	readonly own: boolean;
	readonly onShow: () => void;
}

export function Quote({ quoted, own, onShow }: QuoteProps) {
	const titleOf = useTitle();
	const hue = hueOf(quoted?.sender?.account ?? "00");
	return (
		<button
			type="button"
			onClick={onShow}
			aria-label={words.message.jumpTo}
			className={`relative mb-1.5 block w-full overflow-hidden rounded-[9px] py-1.5 pr-2.5 pl-3.5 text-left ${own ? "bg-surface/55" : "bg-canvas"}`}
		>
			<span
				aria-hidden="true"
				className="absolute inset-y-0 left-0 w-1"
				style={{ background: `var(--person-${hue}-ink)` }}
			/>
			<span className="block truncate font-semibold text-xs" style={{ color: `var(--person-${hue}-ink)` }}>
				{quoted === undefined ? words.message.earlier : titleOf(nameOf(quoted.sender))}
			</span>
			{quoted !== undefined && <span className="line-clamp-2 text-sm">{previewOf(quoted)}</span>}
		</button>
	);
}
