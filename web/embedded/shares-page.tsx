/** What was shared about me: the log's entries, opened and verified in this browser, and whether another one follows. */
import { ShieldCheck, ShieldX, TriangleAlert } from "lucide-react";
import { useCallback, useEffect } from "react";
import { useAnswer } from "../app/settings/use-answer.ts";
import { ChainEndNote, isWrongEnd } from "../app/sharing/chain-end-note.tsx";
import { ShareRow } from "../app/sharing/share-row.tsx";
import { Note } from "../app/ui/note.tsx";
import { Spinner } from "../app/ui/spinner.tsx";
import { Failure, type PageProps } from "./embedded-app.tsx";
import { say } from "./words.ts";

/** While an answer of a company is missing. */
const LOOK_AGAIN_MS = 3000;

export function SharesPage({ person, locale, terms }: PageProps) {
	const read = useCallback(() => person.shares(locale), [person, locale]);
	const { value, error, again } = useAnswer(read);
	const underWay = value?.shares.some(({ state }) => state === "logged" || state === "recalled") === true;
	useEffect(() => {
		if (!underWay) return;
		const timer = setInterval(again, LOOK_AGAIN_MS);
		return () => clearInterval(timer);
	}, [underWay, again]);
	const names = new Map(terms.purposes.flatMap(({ recipients }) => recipients).map(({ id, name }) => [id, name]));
	if (error !== undefined) return <Failure error={error} again={again} />;
	if (value === undefined) return <Spinner size={22} />;
	const { shares, holes, end } = value;
	const wrong = isWrongEnd(end) || holes.length > 0 || shares.some(({ alarms }) => alarms.length > 0);
	const shown = shares.filter(({ kind, alarms }) => kind !== "recall" || alarms.length > 0);
	return (
		<section className="flex flex-col gap-4">
			<h1 className="font-bold text-xl">{say.sharesTitle}</h1>
			<p className="text-muted text-sm">{shares.length === 0 && !wrong ? say.nothingShared : say.sharesLead}</p>
			{wrong ? (
				<Note icon={<TriangleAlert size={18} />} title={say.wrong} tone="rust">
					{say.wrongText}
				</Note>
			) : (
				shares.length > 0 && (
					<Note icon={<ShieldCheck size={18} />} tone="moss">
						{say.fine(shares.length)}
					</Note>
				)
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
						recall={shares.find(({ n }) => n === share.recalledBy)}
						company={names.get(share.recipient) ?? share.recipient}
					/>
				))}
			</ul>
		</section>
	);
}
