/** Rows that nobody said: the beginning, days, and what happened to the conversation. */
import type { ConversationView, MessageBody, MessageView } from "@troth/client/device/api.ts";
import {
	CircleHelp,
	GitFork,
	KeyRound,
	type LucideIcon,
	PencilLine,
	RotateCcw,
	Smartphone,
	Sparkle,
	UnfoldVertical,
	UserMinus,
	UserPlus,
} from "lucide-react";
import { useState } from "react";
import { Mark } from "../design/rings.tsx";
import { RestartButton } from "../info/restart-button.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";

import { previewOf } from "../state/preview.ts";
import { useNow } from "../state/use-now.ts";
import { dayHeading } from "../ui/moment.ts";
import { words } from "../words/words.ts";

export function Beginning({ conversation }: { readonly conversation: ConversationView }) {
	const peer = conversation.kind === "direct" ? conversation.members.find(({ self }) => !self) : undefined;
	return (
		<div className="flex flex-col items-center gap-2.5 px-4 pt-10 pb-4 text-center">
			<Mark size={34} />
			<p className="font-semibold">{peer === undefined ? words.chat.beginningGroup : words.chat.beginning}</p>
			<p className="max-w-sm text-muted text-sm">{words.chat.encrypted}</p>
			{peer !== undefined && (
				<Link
					to={{ place: "safety", id: conversation.id, account: peer.account }}
					className="font-semibold text-plum text-sm underline-offset-4 hover:underline"
				>
					{words.chat.compare}
				</Link>
			)}
		</div>
	);
}

export function DayHeading({ ms }: { readonly ms: number }) {
	const now = useNow();
	return (
		<h2 className="flex items-center gap-3 pt-5 pb-2 font-semibold text-muted text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
			{dayHeading(ms, now)}
		</h2>
	);
}

export function UnreadLine({ count }: { readonly count: number }) {
	return (
		<h2 className="flex items-center gap-3 pt-4 pb-2 font-semibold text-plum text-xs before:h-px before:flex-1 before:bg-plum/50 after:h-px after:flex-1 after:bg-plum/50">
			{words.chat.unreadFromHere(count)}
		</h2>
	);
}

type NoticeKind = Exclude<MessageBody["kind"], "text">;

const ICONS: Readonly<Record<NoticeKind, LucideIcon>> = {
	created: Sparkle,
	added: UserPlus,
	removed: UserMinus,
	left: UserMinus,
	renamed: PencilLine,
	"number-changed": Smartphone,
	"keys-changed": KeyRound,
	forked: GitFork,
	restarted: RotateCcw,
	gap: UnfoldVertical,
	unreadable: CircleHelp,
};

/** What needs an explanation, and how loud it is. */
const GRAVE: readonly NoticeKind[] = ["forked"];

function explanationOf(body: MessageBody): string | undefined {
	switch (body.kind) {
		case "keys-changed":
			return words.trust.keysChangedText[body.what ?? "key"];
		case "restarted":
			return words.trust.restartedText;
		case "forked":
			return words.notice.forkedText;
		case "gap":
			return words.notice.gapReason[body.reason];
		case "unreadable":
			return words.notice.unreadableText;
		default:
			return undefined;
	}
}

export interface NoticeProps {
	readonly message: MessageView;
	readonly conversation: ConversationView;
}

export function Notice({ message, conversation }: NoticeProps) {
	const { body } = message;
	const [open, setOpen] = useState(false);
	const titleOf = useTitle();
	if (body.kind === "text") return null;
	const Icon = ICONS[body.kind];
	const text = previewOf(message, titleOf);
	const explanation = explanationOf(body);
	if (explanation === undefined) {
		return (
			<p className="mx-auto flex w-fit max-w-[90%] items-start gap-2 py-1.5 text-center text-muted text-xs">
				<Icon size={14} aria-hidden="true" className="mt-0.5 shrink-0" />
				<span>{text}</span>
			</p>
		);
	}
	const grave = GRAVE.includes(body.kind) || (body.kind === "keys-changed" && body.what === "unlisted");
	const calm = body.kind === "restarted";
	const who = body.kind === "keys-changed" ? body.who.find(({ self }) => !self) : undefined;
	return (
		<div
			className={`mx-auto my-2 w-fit max-w-md rounded-control px-4 py-2.5 text-sm ${grave ? "bg-rust-soft" : calm ? "bg-hover" : "bg-brass-soft"}`}
		>
			<p className="flex items-start gap-2.5">
				<Icon
					size={17}
					aria-hidden="true"
					className={`mt-0.5 shrink-0 ${grave ? "text-rust" : calm ? "text-muted" : "text-brass"}`}
				/>
				<span>
					<span className="font-semibold">{text}</span>
					{!open && (
						<>
							{" "}
							<button
								type="button"
								onClick={() => setOpen(true)}
								className="text-xs underline underline-offset-2 hover:no-underline"
							>
								{words.notice.explain}
							</button>
						</>
					)}
				</span>
			</p>
			{open && <p className="mt-1.5 pl-6.5 text-xs leading-relaxed">{explanation}</p>}
			{open && who !== undefined && (
				<Link
					to={{ place: "safety", id: conversation.id, account: who.account }}
					className="mt-1 ml-6.5 inline-block font-semibold text-plum text-xs underline underline-offset-2"
				>
					{words.chat.compare}
				</Link>
			)}
			{body.kind === "forked" && conversation.forked && !conversation.ended && (
				<RestartButton
					conversation={conversation.id}
					className="mt-2 ml-6.5 min-h-9 rounded-control border border-rust/50 px-3 font-semibold text-rust text-xs hover:bg-rust/10"
				/>
			)}
		</div>
	);
}
