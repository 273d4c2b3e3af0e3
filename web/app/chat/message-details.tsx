/** Everything this device knows about a message, in words. */
import type { ConversationView, MessageView } from "@troth/client/device/api.ts";
import { deliveryOf } from "../chats/delivery.ts";
import { WayMark } from "../design/rings.tsx";
import { useTitle } from "../people/use-numbers.ts";
import { nameOf } from "../state/preview.ts";
import { Sheet } from "../ui/dialog.tsx";
import { words } from "../words/words.ts";

export interface MessageDetailsProps {
	readonly message: MessageView;
	readonly conversation: ConversationView;
	readonly onClose: () => void;
}

export function MessageDetails({ message, conversation, onClose }: MessageDetailsProps) {
	const titleOf = useTitle();
	const { seq } = message;
	const delivery = deliveryOf(message, conversation);
	const others = conversation.members.filter(({ self }) => !self);
	return (
		<Sheet open onClose={onClose} title={words.message.detailsTitle}>
			<dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2.5 text-sm">
				<dt className="text-muted">{words.message.detailsBy}</dt>
				<dd>{titleOf(nameOf(message.sender))}</dd>
				<dt className="text-muted">{words.message.detailsTime}</dt>
				<dd>{words.time.dayAndTime(message.timeMs)}</dd>
				{delivery !== undefined && (
					<>
						<dt className="text-muted">{words.message.detailsState}</dt>
						<dd className="flex items-center gap-2">
							{delivery.state !== "failed" && <WayMark way={delivery.state} />}
							{words.message.wayLong[delivery.state]}
						</dd>
					</>
				)}
				{seq !== undefined && (
					<>
						<dt className="text-muted">{words.message.detailsPlace}</dt>
						<dd>{seq}</dd>
					</>
				)}
			</dl>
			{delivery !== undefined && seq !== undefined && conversation.kind === "group" && (
				<ul className="mt-5 border-line border-t pt-3">
					{others.map((member) => {
						const way = member.readSeq >= seq ? "read" : member.deliveredSeq >= seq ? "delivered" : "stored";
						return (
							<li key={member.account} className="flex items-center justify-between py-1.5 text-sm">
								<span>{titleOf(nameOf(member))}</span>
								<span className={`flex items-center gap-1.5 text-xs ${way === "read" ? "text-plum" : "text-muted"}`}>
									<WayMark way={way} /> {words.message.way[way]}
								</span>
							</li>
						);
					})}
				</ul>
			)}
		</Sheet>
	);
}
