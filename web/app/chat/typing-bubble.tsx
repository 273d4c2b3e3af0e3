/** Three quiet dots where the next message will appear. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { words } from "../words/words.ts";

export function TypingBubble({ conversation }: { readonly conversation: ConversationView }) {
	const typing = useCell(useModel().typists.now).get(conversation.id) ?? [];
	const names = conversation.members.filter(({ account, self }) => !self && typing.includes(account)).map(nameOf);
	if (names.length === 0) return <div className="h-4" />;
	return (
		<div className="flex animate-appear items-center gap-2 pt-2 pb-3">
			<span
				aria-hidden="true"
				className="inline-flex h-7 items-center gap-1 rounded-full bg-bubble-other px-3 text-muted"
			>
				{[0, 150, 300].map((delay) => (
					<span
						key={delay}
						className="size-1.5 animate-dot rounded-full bg-current"
						style={{ animationDelay: `${delay}ms` }}
					/>
				))}
			</span>
			<span className="truncate text-muted text-xs">{words.chat.typingNames(names)}</span>
		</div>
	);
}
