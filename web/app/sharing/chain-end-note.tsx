/** What the public index says about the place behind the last entry about the person. */
import type { ChainEnd } from "@troth/client/device/api.ts";
import { ShieldX } from "lucide-react";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";

/** Does the index contradict what the person was told? */
export function isWrongEnd({ kind }: ChainEnd): boolean {
	return kind === "hidden" || kind === "wrong";
}

export function ChainEndNote({ end }: { readonly end: ChainEnd }) {
	const { shares: say } = words.sharing;
	switch (end.kind) {
		case "complete":
			return (
				<p className="text-muted text-xs">
					{say.complete(end.after, end.size, end.atMs)} {say.completeBy(end.witnesses)}
				</p>
			);
		case "hidden":
		case "wrong":
			return (
				<Note icon={<ShieldX size={18} />} tone="rust">
					{end.kind === "hidden" ? say.hidden(end.n) : say.endWrong(end.reason)}
				</Note>
			);
		case "unchecked":
			return <p className="text-muted text-xs">{say.endUnchecked(end.reason)}</p>;
	}
}
