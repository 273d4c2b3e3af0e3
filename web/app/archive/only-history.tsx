/** In place of the composer: what a backup brought back can be read, and writing goes on elsewhere. */
import type { ConversationView } from "@troth/client/device/api.ts";
import { History } from "lucide-react";
import { useAction } from "../info/use-action.ts";
import { useTitle } from "../people/use-numbers.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";

export function OnlyHistory({ conversation }: { readonly conversation: ConversationView }) {
	const { host } = useModel();
	const act = useAction();
	const name = useTitle()(conversation.title);
	const { archive: say } = words;
	const peer = conversation.kind === "direct" ? conversation.members.find(({ self }) => !self) : undefined;
	return (
		<>
			<History size={18} aria-hidden="true" className="shrink-0" />
			<span>{peer === undefined ? say.historyOfGroup : say.history(name)}</span>
			{peer !== undefined && (
				<Button
					look="quiet"
					className="min-h-9"
					onClick={() => act(async () => goTo({ place: "chat", id: await host.openDirect(peer.account) }))}
				>
					{say.write(name)}
				</Button>
			)}
		</>
	);
}
