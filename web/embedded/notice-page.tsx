/** The notice: in short, the choices with two equal buttons each, the whole text, and the days that are left. */
import { choicesOf, decisionsAsShown } from "@troth/client/consent/as-shown.ts";
import { CircleCheck, Clock } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { ChoiceButtons } from "../app/sharing/choice-buttons.tsx";
import { PurposeFacts } from "../app/sharing/purpose-facts.tsx";
import { ResidualNotice } from "../app/sharing/residual-notice.tsx";
import { PolicyLogNote } from "../app/terms/policy-log-note.tsx";
import { Button } from "../app/ui/button.tsx";
import { Problem } from "../app/ui/field.tsx";
import { Note } from "../app/ui/note.tsx";
import { words } from "../app/words/words.ts";
import { type PageProps, reasonOf } from "./embedded-app.tsx";
import { tell } from "./frame.ts";
import { OtherBrowser } from "./other-browser.tsx";
import { say } from "./words.ts";

const DAY_MS = 24 * 3600 * 1000;

export function NoticePage(props: PageProps) {
	const { person, terms, sharing, locale, changed, open } = props;
	const pending = sharing.acceptedVersion !== terms.version;
	// What was answered in the same words before holds, and is not asked again.
	const unanswered = choicesOf(terms.purposes).filter(({ id, purposeHash }) => {
		const made = sharing.choices.find(({ purpose }) => purpose === id);
		return made === undefined || made.state === "unset" || made.purposeHash !== purposeHash;
	});
	const [answers, setAnswers] = useState<ReadonlyMap<string, boolean>>(new Map());
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<unknown>();
	useEffect(() => {
		if (pending && sharing.acceptedVersion > 0) person.confirmNotice(locale).catch(() => {});
	}, [person, locale, pending, sharing.acceptedVersion]);

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			if (pending) await person.accept(locale);
			for (const { initiallyOn, decisions } of decisionsAsShown(unanswered, answers))
				await person.decide(locale, decisions, { control: "buttons", initiallyOn, place: "notice" });
			tell({ troth: "decided" });
			changed();
			open("settings");
		} catch (failure) {
			setError(failure);
			setBusy(false);
			// What came before the failure is signed and stands.
			changed();
		}
	};

	const left = sharing.deadlineMs === undefined ? undefined : sharing.deadlineMs - sharing.serverTimeMs;
	return (
		<form onSubmit={submit} className="flex flex-col gap-5">
			<h1 className="font-bold text-2xl tracking-[-0.015em]">
				{say.noticeTitle(person.title, sharing.acceptedVersion > 0)}
			</h1>
			{left !== undefined && (
				<Note icon={<Clock size={18} />} tone="brass" title={words.time.dayAndTime(sharing.deadlineMs ?? 0)}>
					{say.daysLeft(words.sharing.daysLeft(Math.max(0, Math.floor(left / DAY_MS))))}
				</Note>
			)}
			<section aria-label={say.inShort} lang={terms.locale}>
				<ul className="flex list-disc flex-col gap-2 pl-5 text-sm">
					{terms.summary.map((sentence) => (
						<li key={sentence}>{sentence}</li>
					))}
				</ul>
			</section>
			{terms.documents.map(({ id, title, body }) => (
				<details key={id} lang={terms.locale} className="rounded-card border border-line bg-surface">
					<summary className="min-h-11 px-4 py-3 font-semibold text-sm">{say.whole(title)}</summary>
					<div className="whitespace-pre-line border-line border-t px-4 py-3 text-sm">{plain(body)}</div>
				</details>
			))}
			<PolicyLogNote log={terms.policyLog} />
			<p className="text-muted text-sm">{say.twoDecisions}</p>
			{!person.canAllow && <OtherBrowser {...props} />}
			{unanswered.map((purpose) => (
				<section
					key={purpose.id}
					aria-label={purpose.title}
					className="rounded-card border border-line bg-surface p-4 sm:p-5"
				>
					<div lang={terms.locale}>
						<h2 className="font-bold text-lg">{purpose.title}</h2>
						<p className="mt-1 text-sm">{purpose.body}</p>
					</div>
					<PurposeFacts purpose={purpose} />
					<div className="mt-4">
						<ChoiceButtons
							title={purpose.title}
							answer={answers.get(purpose.id) ?? (purpose.initiallyOn ? true : undefined)}
							onAnswer={(granted) => setAnswers(new Map(answers).set(purpose.id, granted))}
						/>
					</div>
				</section>
			))}
			<ResidualNotice purposes={terms.purposes} />
			{!pending && unanswered.length === 0 && (
				<Note icon={<CircleCheck size={18} />} tone="moss">
					{say.done}
				</Note>
			)}
			{error !== undefined && <Problem>{reasonOf(error)}</Problem>}
			<div className="flex flex-wrap gap-2.5">
				{(pending || unanswered.length > 0) && (
					<Button type="submit" busy={busy} className="min-h-12 flex-1">
						{pending ? say.acceptAndSave(terms.version) : words.sharing.choices.submit}
					</Button>
				)}
				<Button
					look="quiet"
					className="min-h-12 flex-1"
					onClick={() => {
						tell({ troth: "later" });
						open("settings");
					}}
				>
					{pending ? say.later : say.tabs.settings}
				</Button>
			</div>
		</form>
	);
}

/** Headings, emphasis and tables of the text without their marks: it is to be read, not laid out. */
function plain(body: string): string {
	return body
		.split("\n")
		.filter((line) => !/^\|[-| ]+\|$/.test(line))
		.map((line) =>
			line
				.replace(/^#+ /, "")
				.replace(/^\| (.*) \|$/, (_all, cells: string) => cells.split(" | ").join(" · "))
				.replaceAll("**", ""),
		)
		.join("\n");
}
