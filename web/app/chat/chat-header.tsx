/** Who one is talking to, whether they are typing, and the way to everything else about the chat. */
import type { ConversationView } from "@troth/client/device/api.ts";
import type { AccountId } from "@troth/protocol";
import { ArrowLeft, Info, KeyRound, ShieldCheck } from "lucide-react";
import { useSafety } from "../info/use-safety.ts";
import { useTitle } from "../people/use-numbers.ts";
import { Link } from "../routing/link.tsx";
import { goTo, useRoute } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { usePresence } from "../state/presence.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { useNow } from "../state/use-now.ts";
import { ConversationAvatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { lastSeen } from "../ui/moment.ts";
import { words } from "../words/words.ts";

/** "online", "last seen today at 14:02"; undefined where nothing may be seen. */
function usePresenceLine(account: AccountId | undefined): string | undefined {
	const presence = usePresence(account);
	const now = useNow();
	if (presence?.online === true) return words.presence.online;
	return presence?.lastSeenMs === undefined ? undefined : lastSeen(presence.lastSeenMs, now);
}

export function ChatHeader({ conversation }: { readonly conversation: ConversationView }) {
	const { id, kind, members } = conversation;
	const route = useRoute();
	const titleOf = useTitle();
	const title = titleOf(conversation.title);
	const typing = useCell(useModel().typists.now).get(id) ?? [];
	const typists = members.filter(({ account, self }) => !self && typing.includes(account));
	const others = members.filter(({ self }) => !self);
	const peer = kind === "direct" ? others[0] : undefined;
	const safety = useSafety(peer?.account);
	const presenceLine = usePresenceLine(peer?.account);
	const infoOpen = route.place !== "chat";
	const below =
		peer === undefined
			? others.map((member) => titleOf(nameOf(member))).join(", ")
			: (presenceLine ?? (peer.name !== undefined && peer.phone !== undefined ? titleOf(peer.phone) : ""));

	return (
		<header className="flex min-h-16 shrink-0 items-center gap-1 border-line border-b bg-surface px-2.5">
			<IconButton
				label={words.common.back}
				className="md:hidden"
				onClick={() => goTo({ place: "chats" }, { replace: true })}
			>
				<ArrowLeft size={21} />
			</IconButton>
			<Link
				to={{ place: "chat-info", id }}
				className="flex min-w-0 flex-1 items-center gap-3 rounded-control px-1.5 py-1 transition-colors hover:bg-hover"
			>
				<ConversationAvatar conversation={conversation} size={42} />
				<span className="min-w-0 flex-1">
					<span className="flex items-center gap-1.5">
						<h1 className="truncate font-bold leading-snug">{title}</h1>
						{safety?.verified === true && (
							<ShieldCheck size={17} className="shrink-0 text-moss" aria-label={words.chat.verified} />
						)}
						{conversation.changed.some(({ seen }) => !seen) && (
							<KeyRound size={17} className="shrink-0 text-rust" aria-label={words.trust.mark} />
						)}
					</span>
					<span className="block truncate text-muted text-xs">
						{typists.length > 0 ? (
							<span className="text-plum">
								{kind === "direct" ? words.chats.typing : words.chat.typingNames(typists.map(nameOf))}
							</span>
						) : (
							below
						)}
					</span>
					<span className="sr-only">{words.chat.info}</span>
				</span>
			</Link>
			<IconButton
				label={words.chat.info}
				aria-pressed={infoOpen}
				className={`max-md:hidden ${infoOpen ? "bg-plum-soft text-plum" : ""}`}
				onClick={() => goTo({ place: infoOpen ? "chat" : "chat-info", id }, { replace: infoOpen })}
			>
				<Info size={21} />
			</IconButton>
		</header>
	);
}
