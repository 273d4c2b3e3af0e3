import type { ConversationView } from "@troth/client/device/api.ts";
import { MonitorX } from "lucide-react";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";

/** A chat of the account that this browser, linked a moment ago, is not in yet. */
export function JoiningNote({ joining }: Pick<ConversationView, "joining">) {
	if (joining === undefined) return null;
	return (
		<p
			role="status"
			className="flex shrink-0 items-center gap-2.5 border-line border-t bg-brass-soft px-4 py-2.5 text-sm sm:px-6"
		>
			{joining === "full" ? <MonitorX size={17} aria-hidden="true" className="shrink-0 text-brass" /> : <Spinner />}
			{words.linking.chat[joining]}
		</p>
	);
}
