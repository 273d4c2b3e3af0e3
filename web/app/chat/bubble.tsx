/** One message: who, what, when, how far. */
import type { ConversationView, MessageView } from "@troth/client/device/api.ts";
import type { MessageId } from "@troth/protocol";
import { ChevronDown, Copy, Info, Reply } from "lucide-react";
import { type PointerEvent, useRef, useState } from "react";
import { WayMark } from "../design/rings.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { nameOf, previewOf } from "../state/preview.ts";
import { hueOf } from "../ui/avatar.tsx";
import { Menu } from "../ui/menu.tsx";
import { words } from "../words/words.ts";
import { Linked } from "./linked.tsx";
import { MessageDetails } from "./message-details.tsx";
import type { BubbleRow } from "./rows.ts";

export interface BubbleProps {
	readonly row: BubbleRow;
	readonly conversation: ConversationView;
	readonly shown: boolean;
	readonly quoted: MessageView | undefined;
	readonly onReply: (message: MessageView) => void;
	readonly onShow: (id: MessageId) => void;
}

export function Bubble({ row, conversation, shown, quoted, onReply, onShow }: BubbleProps) {
	const model = useModel();
	const titleOf = useTitle();
	const [menuOpen, setMenuOpen] = useState(false);
	const [details, setDetails] = useState(false);
	const touched = useRef(false);
	const trigger = useRef<HTMLButtonElement>(null);
	const { message, own, first, footed } = row;
	if (message.body.kind !== "text") return null;
	const { text, replyTo } = message.body;
	const name = titleOf(nameOf(message.sender));
	const named = first && !own && conversation.kind === "group";
	const canReply = message.id !== undefined && !conversation.ended;

	const copy = async () => {
		await navigator.clipboard.writeText(text);
		model.say(words.message.copied);
	};
	const items = [
		...(canReply ? [{ label: words.message.reply, icon: <Reply size={17} />, onSelect: () => onReply(message) }] : []),
		{ label: words.message.copy, icon: <Copy size={17} />, onSelect: () => void copy() },
		{ label: words.message.details, icon: <Info size={17} />, onSelect: () => setDetails(true) },
	];

	return (
		<article
			aria-label={words.message.by(name, previewOf(message))}
			className={`group/row flex flex-col ${own ? "items-end" : "items-start"} ${first ? "pt-2" : "pt-[3px]"}`}
		>
			{named && (
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
					onPointerDown={(event: PointerEvent) => {
						touched.current = event.pointerType === "touch";
					}}
					onContextMenu={(event) => {
						if (!touched.current) return;
						event.preventDefault();
						trigger.current?.click();
					}}
					onKeyDown={(event) => {
						if (event.target !== event.currentTarget || (event.key !== "Enter" && event.key !== " ")) return;
						event.preventDefault();
						trigger.current?.focus();
						trigger.current?.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
					}}
					className={`min-w-0 max-w-[min(34rem,82vw)] px-3.5 py-2 transition-shadow ${cornersOf(own, first)} ${own ? "bg-bubble-own" : "bg-bubble-other"} ${shown ? "ring-2 ring-brass-fill" : ""}`}
				>
					{replyTo !== undefined && <Quote quoted={quoted} own={own} onShow={() => onShow(replyTo)} />}
					<p className="hyphens-auto whitespace-pre-wrap text-base leading-[1.42] [overflow-wrap:anywhere]">
						<Linked text={text} />
					</p>
				</div>
				<Menu
					align={own ? "end" : "start"}
					items={items}
					onOpenChange={setMenuOpen}
					trigger={
						<button
							ref={trigger}
							type="button"
							tabIndex={-1}
							aria-label={words.message.actions(name)}
							className={`grid size-8 shrink-0 place-items-center rounded-full text-muted transition-opacity hover:bg-hover focus-visible:opacity-100 group-focus-within/row:opacity-100 group-hover/row:opacity-100 ${menuOpen ? "opacity-100" : "opacity-0"}`}
						>
							<ChevronDown size={17} />
						</button>
					}
				/>
			</div>
			{footed && <Foot row={row} onResend={() => void resend()} />}
			{details && <MessageDetails row={row} conversation={conversation} onClose={() => setDetails(false)} />}
		</article>
	);

	async function resend() {
		try {
			await model.chat(conversation.id).send(text, replyTo);
		} catch (error) {
			model.say(reasonOf(error));
		}
	}
}

/** Tight towards the edge it belongs to, round where a group begins. */
function cornersOf(own: boolean, first: boolean): string {
	if (own) return `rounded-bubble rounded-br-joint ${first ? "" : "rounded-tr-joint"}`;
	return `rounded-bubble rounded-bl-joint ${first ? "" : "rounded-tl-joint"}`;
}

interface FootProps {
	readonly row: BubbleRow;
	readonly onResend: () => void;
}

function Foot({ row: { message, own, delivery }, onResend }: FootProps) {
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

interface QuoteProps {
	readonly quoted: MessageView | undefined;
	readonly own: boolean;
	readonly onShow: () => void;
}

function Quote({ quoted, own, onShow }: QuoteProps) {
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
