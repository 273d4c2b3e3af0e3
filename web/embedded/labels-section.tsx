/** What the host says of this person because it acted upon their account, and the objection to it. Nothing for nearly everybody. */
import type { LimitView } from "@troth/client/device/limits-api.ts";
import { useCallback, useState } from "react";
import { useAnswer } from "../app/settings/use-answer.ts";
import { Button } from "../app/ui/button.tsx";
import { Problem } from "../app/ui/field.tsx";
import { words } from "../app/words/words.ts";
import { type PageProps, reasonOf } from "./embedded-app.tsx";
import { tell } from "./frame.ts";
import { say } from "./words.ts";

export function LabelsSection({ person, terms }: PageProps) {
	const read = useCallback(() => person.labels(), [person]);
	const { value: labels, again } = useAnswer(read);
	if (labels === undefined || labels.length === 0) return null;
	const companies = (purpose: string) =>
		words.sharing.companies(terms.purposes.find(({ id }) => id === purpose)?.recipients.map(({ name }) => name) ?? []);
	return (
		<section aria-label={say.labels.title} className="flex flex-col gap-3">
			<h2 className="font-bold text-lg">{say.labels.title}</h2>
			{labels.map((label) => (
				<Label
					key={label.purpose}
					label={label}
					title={person.title}
					companies={companies(label.purpose)}
					object={async () => {
						await person.objectTo(label.purpose);
						tell({ troth: "decided" });
						again();
					}}
				/>
			))}
		</section>
	);
}

interface LabelProps {
	readonly label: LimitView;
	/** Of the host. */
	readonly title: string;
	readonly companies: string;
	readonly object: () => Promise<void>;
}

function Label({ label, title, companies, object }: LabelProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const send = async () => {
		setBusy(true);
		setError(undefined);
		await object().catch((failure: unknown) => setError(reasonOf(failure)));
		setBusy(false);
	};
	const { canObject, objectedAtMs } = label;
	return (
		<div className="flex flex-col items-start gap-2 rounded-card border border-line bg-brass-soft p-4 text-sm sm:p-5">
			<p className="font-semibold">{words.limits.why(label.label, label.caseId)}</p>
			<p role="status">
				{objectedAtMs !== undefined
					? say.labels.objected(title, words.time.dayAndTime(objectedAtMs))
					: canObject
						? say.labels.told(title, companies)
						: say.labels.decided(title, companies)}
			</p>
			{canObject && (
				<Button look="quiet" busy={busy} onClick={() => void send()}>
					{say.labels.object}
				</Button>
			)}
			{error !== undefined && <Problem>{error}</Problem>}
		</div>
	);
}
