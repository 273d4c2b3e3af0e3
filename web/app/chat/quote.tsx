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
			className={`mb-1.5 block w-full rounded-[9px] border-l-[3px] px-2.5 py-1.5 text-left ${own ? "bg-surface/55" : "bg-hover"}`}
			style={{ borderColor: `var(--person-${hue}-ink)` }}
		>
			<span className="block truncate font-semibold text-xs" style={{ color: `var(--person-${hue}-ink)` }}>
				{quoted === undefined ? words.message.earlier : titleOf(nameOf(quoted.sender))}
			</span>
			{quoted !== undefined && <span className="line-clamp-2 text-sm">{previewOf(quoted)}</span>}
		</button>
	);
}
