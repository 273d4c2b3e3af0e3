/** One chat in the list. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { KeyRound } from "lucide-react";
import type { ReactNode } from "react";
import { WayMark } from "../design/rings.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";
import { useRoute } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { nameOf, previewOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { useNow } from "../state/use-now.ts";
import { ConversationAvatar } from "../ui/avatar.tsx";
import { shortMoment } from "../ui/moment.ts";
import { words } from "../words/words.ts";
import { deliveryOf } from "./delivery.ts";

export function ChatRow({ conversation }: { readonly conversation: ConversationView }) {
	const route = useRoute();
	const now = useNow();
	const title = useTitle()(conversation.title);
	const { unread, last } = conversation;
	const current = "id" in route && route.id === conversation.id;
	const typing = useTyping(conversation);
	const preview = typing ?? lastLine(conversation);
	const delivery = last === undefined ? undefined : deliveryOf(last, conversation);
	const time = last === undefined ? "" : shortMoment(last.timeMs, now);
	return (
		<li>
			<Link
				to={{ place: "chat", id: conversation.id }}
				aria-current={current ? "page" : undefined}
				className={`flex items-center gap-3.5 rounded-card px-3 py-2.5 outline-offset-0 transition-colors ${current ? "bg-plum-soft" : "hover:bg-hover"}`}
			>
				<ConversationAvatar conversation={conversation} size={50} />
				<span className="min-w-0 flex-1">
					<span className="flex items-baseline gap-2">
						<span className={`min-w-0 flex-1 truncate ${unread > 0 ? "font-bold" : "font-semibold"}`}>{title}</span>
						<Heard>, </Heard>
						<span className={`shrink-0 text-xs ${unread > 0 ? "font-semibold text-plum" : "text-muted"}`}>{time}</span>
					</span>
					<span className="flex items-center gap-1.5">
						{typing === undefined && delivery !== undefined && delivery.state !== "failed" && (
							<span className={delivery.state === "read" ? "text-plum" : "text-muted"}>
								<Heard>, {words.message.way[delivery.state]}: </Heard>
								<WayMark way={delivery.state} />
							</span>
						)}
						<span
							className={`min-w-0 flex-1 truncate text-sm ${typing !== undefined ? "text-plum" : unread > 0 ? "text-ink" : "text-muted"}`}
						>
							{preview}
						</span>
						{conversation.changed.some(({ seen }) => !seen) && (
							<span className="text-rust">
								<Heard>, {words.trust.mark}</Heard>
								<KeyRound size={16} aria-hidden="true" />
							</span>
						)}
						{unread > 0 && (
							<span className="grid h-5.5 min-w-5.5 shrink-0 place-items-center rounded-full bg-plum px-1.5 font-semibold text-2xs text-on-plum">
								<Heard>, {words.chats.unread(unread)}</Heard>
								<span aria-hidden="true">{unread > 999 ? "999+" : unread}</span>
							</span>
						)}
					</span>
				</span>
			</Link>
		</li>
	);
}

/** What the eye gets from the arrangement, for the ear. */
function Heard({ children }: { readonly children: ReactNode }) {
	return <span className="sr-only">{children}</span>;
}

function useTyping({ id, kind, members }: ConversationView): string | undefined {
	const typing = useCell(useModel().typists.now).get(id);
	const first = members.find(({ account }) => account === typing?.[0]);
	if (first === undefined) return undefined;
	return kind === "direct" ? words.chats.typing : words.chats.typingName(nameOf(first));
}

function lastLine({ last, kind, ended }: ConversationView): string {
	if (last === undefined) return words.chats.noMessages;
	if (ended && last.body.kind !== "text") return words.chats.ended;
	const text = previewOf(last);
	if (last.body.kind !== "text") return text;
	if (last.sender?.self === true)
		return last.delivery?.state === "failed" ? `${words.message.way.failed}: ${text}` : text;
	return kind === "group" ? words.chats.by(nameOf(last.sender), text) : text;
}
