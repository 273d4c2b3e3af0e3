/** What was shared about me: the log's entries, opened and verified on this device. What does not verify is said loudly. */
import type { SharesView, ShareView } from "@troth/client/device/api.ts";
import { ShieldCheck, ShieldX, TriangleAlert } from "lucide-react";
import { useCallback } from "react";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";
import { ChainEndNote, isWrongEnd } from "./chain-end-note.tsx";
import { ShareRow } from "./share-row.tsx";

interface Told {
	readonly shares: SharesView;
	/** Names of companies by their ids. */
	readonly names: ReadonlyMap<string, string>;
}

export function SharesPage() {
	const { host } = useModel();
	const read = useCallback(async (): Promise<Told> => {
		const [shares, terms] = await Promise.all([host.shares(), host.terms()]);
		const recipients = terms.purposes.flatMap((purpose) => purpose.recipients);
		return { shares, names: new Map(recipients.map(({ id, name }) => [id, name])) };
	}, [host]);
	const { value, error, again } = useAnswer(read);
	const { shares: say } = words.sharing;
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-5 p-5 pb-10">
				{error !== undefined && (
					<div className="flex flex-col items-start gap-3">
						<Problem>{reasonOf(error)}</Problem>
						<Button look="quiet" onClick={again}>
							{words.common.tryAgain}
						</Button>
					</div>
				)}
				{value === undefined && error === undefined && <Spinner size={22} />}
				{value !== undefined && <List {...value} />}
			</div>
		</Pane>
	);
}

function List({ shares: { shares, holes, end }, names }: Told) {
	const { shares: say } = words.sharing;
	const endIsWrong = isWrongEnd(end);
	if (shares.length === 0 && holes.length === 0 && !endIsWrong)
		return (
			<div className="flex flex-col items-center gap-3 py-10 text-center">
				<ShieldCheck size={44} strokeWidth={1.5} aria-hidden="true" className="text-moss" />
				<p className="font-bold text-lg">{say.none}</p>
				<p className="max-w-sm text-muted text-sm">{say.noneText}</p>
				<ChainEndNote end={end} />
			</div>
		);
	const wrong = endIsWrong || holes.length > 0 || shares.some(({ alarms }) => alarms.length > 0);
	// A recall stands with what it recalls; on its own only where something about it is wrong.
	const shown = shares.filter(({ kind, alarms }) => kind !== "recall" || alarms.length > 0);
	const recallOf = (share: ShareView) => shares.find(({ n }) => n === share.recalledBy);
	return (
		<>
			<p className="text-muted text-sm">{say.lead}</p>
			{wrong ? (
				<Note icon={<TriangleAlert size={18} />} title={say.alarmTitle} tone="rust">
					{say.alarmText}
				</Note>
			) : (
				<Note icon={<ShieldCheck size={18} />} tone="moss">
					{say.fine(shares.length)}
				</Note>
			)}
			<ChainEndNote end={end} />
			<ul className="flex flex-col gap-3">
				{holes.map((n) => (
					<li key={`hole ${n}`}>
						<Note icon={<ShieldX size={18} />} tone="rust">
							{say.hole(n)}
						</Note>
					</li>
				))}
				{shown.toReversed().map((share) => (
					<ShareRow
						key={`${share.n} ${share.kind}`}
						share={share}
						recall={recallOf(share)}
						company={names.get(share.recipient) ?? share.recipient}
					/>
				))}
			</ul>
		</>
	);
}
