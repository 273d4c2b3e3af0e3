/** The place a scanned code leads to, when a phone's own camera read it. */
import type { SafetyComparison } from "@troth/client/device/api.ts";
import { ScanQrCode } from "lucide-react";
import { useEffect, useState } from "react";
import { useTitle } from "../people/use-numbers.ts";
import { goTo } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { nameOf } from "../state/preview.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { OutcomeNote } from "./outcome-note.tsx";

export function VerifyPage({ code }: { readonly code: string }) {
	const model = useModel();
	const titleOf = useTitle();
	const list = useCell(model.conversations.list) ?? [];
	const [compared, setCompared] = useState<SafetyComparison>();

	useEffect(() => {
		let current = true;
		model.host.compareSafetyCode(code).then(
			(found) => current && setCompared(found),
			() => current && setCompared({ account: undefined, outcome: "unreadable" }),
		);
		return () => {
			current = false;
		};
	}, [model, code]);

	const conversation = list.find(({ members }) => members.some(({ account }) => account === compared?.account));
	const person = conversation?.members.find(({ account }) => account === compared?.account);
	return (
		<Pane title={words.trust.verifyTitle}>
			<div className="mx-auto flex w-full max-w-md flex-col gap-4 p-6">
				{person !== undefined && (
					<p className="flex items-center gap-3 font-semibold">
						<ScanQrCode size={24} aria-hidden="true" className="text-plum" />
						{words.trust.verifyWith(titleOf(nameOf(person)))}
					</p>
				)}
				<div role="status">{compared !== undefined && <OutcomeNote outcome={compared.outcome} />}</div>
				{compared?.outcome === "unreadable" && <p className="text-muted text-sm">{words.trust.verifyUnreadable}</p>}
				{compared?.outcome === "same" && <p className="text-muted text-sm">{words.trust.verifyHint}</p>}
				{compared !== undefined && person === undefined && compared.outcome !== "unreadable" && (
					<p className="text-muted text-sm">{words.trust.verifyUnknown}</p>
				)}
				{conversation !== undefined && person !== undefined && (
					<Button
						className="min-h-12"
						onClick={() => goTo({ place: "safety", id: conversation.id, account: person.account }, { replace: true })}
					>
						{words.trust.verifyOpen}
					</Button>
				)}
			</div>
		</Pane>
	);
}
