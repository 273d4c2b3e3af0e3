/** Whether everybody is shown this version: what the public log of policies says. */
import type { PolicyLogView } from "@troth/client/device/api.ts";
import { TriangleAlert } from "lucide-react";
import { Note } from "../ui/note.tsx";
import { words } from "../words/words.ts";

export function PolicyLogNote({ log }: { readonly log: PolicyLogView }) {
	const { policyLog: say } = words.sharing;
	switch (log.kind) {
		case "logged":
			return <p className="mt-2 text-muted text-xs">{say.logged(log.log, log.index)}</p>;
		case "pending":
			return <p className="mt-2 text-muted text-xs">{say.pending}</p>;
		case "unreachable":
			return <p className="mt-2 text-muted text-xs">{say.unreachable(log.reason)}</p>;
		case "contradicted":
			return (
				<div className="mt-3">
					<Note icon={<TriangleAlert size={18} />} title={say.contradictedTitle} tone="rust">
						{say.contradicted(log.reason)}
					</Note>
				</div>
			);
		case "none":
			return null;
	}
}
