/** One message: who, what, when, how far. Rendered again only when something of it changed. */
import type { MessageView } from "@troth/client/device/api.ts";
import type { MessageId } from "@troth/protocol";
import { Copy, Info, Reply } from "lucide-react";
import { memo, useRef, useState } from "react";
import { useTitle } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { nameOf, previewOf } from "../state/preview.ts";
import { hueOf } from "../ui/avatar.tsx";
import { words } from "../words/words.ts";
import { BubbleFoot } from "./bubble-foot.tsx";
import { BubbleMenu } from "./bubble-menu.tsx";
import { Linked } from "./linked.tsx";
import { Quote } from "./quote.tsx";
import { type BubbleRow, sameBubble } from "./rows.ts";

/** What the list does for its messages; the same object from one rendering to the next. */
export interface BubbleActions {
	readonly reply: (message: MessageView) => void;
	readonly show: (id: MessageId) => Promise<void>;
	readonly tell: (message: MessageView) => void;
	readonly sendAgain: (message: MessageView) => Promise<void>;
}

export interface BubbleProps {
	readonly row: BubbleRow;
	/** Names stand above the bubbles of others. */
	readonly group: boolean;
	readonly mayReply: boolean;
	readonly shown: boolean;
	readonly quoted: MessageView | undefined;
	readonly actions: BubbleActions;
}

export const Bubble = memo(BubbleContent, (before, after) => {
	const { row, ...rest } = after;
	return (
		sameBubble(before.row, row) &&
		Object.entries(rest).every(([name, value]) => Object.is(value, before[name as keyof BubbleProps]))
	);
});

function BubbleContent({ row, group, mayReply, shown, quoted, actions }: BubbleProps) {
	const model = useModel();
	const titleOf = useTitle();
	const [menu, setMenu] = useState<boolean>();
	const touched = useRef(false);
	const { message, own, first, footed } = row;
	if (message.body.kind !== "text") return null;
	const { text, replyTo } = message.body;
	const name = titleOf(nameOf(message.sender));

	const copy = async () => {
		await navigator.clipboard.writeText(text);
		model.say(words.message.copied);
	};
	const items = () => [
		...(mayReply && message.id !== undefined
			? [
					{
						label: words.message.reply,
						icon: <Reply size={17} />,
						takesFocus: true,
						onSelect: () => actions.reply(message),
					},
				]
			: []),
		{ label: words.message.copy, icon: <Copy size={17} />, onSelect: () => void copy() },
		{ label: words.message.details, icon: <Info size={17} />, onSelect: () => actions.tell(message) },
	];

	return (
		<article
			aria-label={words.message.by(name, previewOf(message))}
			className={`group/row flex flex-col ${own ? "items-end" : "items-start"} ${first ? "pt-2" : "pt-[3px]"}`}
		>
			{group && first && !own && (
				<p
					className="mb-0.5 ml-3.5 font-semibold text-xs"
					style={{ color: `var(--person-${hueOf(message.sender?.account ?? "00")}-ink)` }}
				>
					{name}
				</p>
			)}
			<div className={`flex max-w-full items-center gap-1 ${own ? "flex-row-reverse" : ""}`}>
				{/* biome-ignore lint/a11y/noStaticElementInteractions: a finger's long press has no other target */}
				<div
					data-row={row.key}
					tabIndex={-1}
					onPointerDown={({ pointerType }) => {
						touched.current = pointerType === "touch";
					}}
					onContextMenu={(event) => {
						if (!touched.current) return;
						event.preventDefault();
						setMenu(true);
					}}
					onKeyDown={(event) => {
						if (event.target !== event.currentTarget || (event.key !== "Enter" && event.key !== " ")) return;
						event.preventDefault();
						setMenu(true);
					}}
					className={`min-w-0 max-w-[min(34rem,82vw)] px-3.5 py-2 transition-shadow ${cornersOf(own, first)} ${own ? "bg-bubble-own" : "bg-bubble-other"} ${shown ? "ring-2 ring-brass-fill" : ""}`}
				>
					{replyTo !== undefined && <Quote quoted={quoted} own={own} onShow={() => void actions.show(replyTo)} />}
					<p className="hyphens-auto whitespace-pre-wrap text-base leading-[1.42] [overflow-wrap:anywhere]">
						<Linked text={text} />
					</p>
				</div>
				<BubbleMenu name={name} own={own} items={items} open={menu} onOpenChange={setMenu} />
			</div>
			{footed && <BubbleFoot row={row} onResend={() => void actions.sendAgain(message)} />}
		</article>
	);
}

/** Tight towards the edge it belongs to, round where a group begins. */
function cornersOf(own: boolean, first: boolean): string {
	if (own) return `rounded-bubble rounded-br-joint ${first ? "" : "rounded-tr-joint"}`;
	return `rounded-bubble rounded-bl-joint ${first ? "" : "rounded-tl-joint"}`;
}
