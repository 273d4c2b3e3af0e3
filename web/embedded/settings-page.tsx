/** The choices, for ever: each with two equal buttons that work at once. */
import { codeOf } from "@troth/client/beside/consent-secret.ts";
import { choicesOf, LINKING } from "@troth/client/consent/as-shown.ts";
import type { ChoiceView, PurposeView } from "@troth/client/device/sharing-api.ts";
import { isRefusal } from "@troth/protocol";
import { useState } from "react";
import { ChoiceButtons } from "../app/sharing/choice-buttons.tsx";
import { PurposeFacts } from "../app/sharing/purpose-facts.tsx";
import { ResidualSection } from "../app/sharing/residual-section.tsx";
import { Button } from "../app/ui/button.tsx";
import { Problem } from "../app/ui/field.tsx";
import { words } from "../app/words/words.ts";
import { type PageProps, reasonOf } from "./embedded-app.tsx";
import { tell } from "./frame.ts";
import { LabelsSection } from "./labels-section.tsx";
import { OtherBrowser } from "./other-browser.tsx";
import { say } from "./words.ts";

export function SettingsPage(props: PageProps) {
	const { person, locale, terms, sharing, open, changed } = props;
	if (sharing.acceptedVersion === 0)
		return (
			<section className="flex flex-col items-start gap-3">
				<h1 className="font-bold text-xl">{say.settingsTitle}</h1>
				<p className="text-muted text-sm">{say.notAcceptedYet}</p>
				<Button onClick={() => open("notice")}>{say.readTerms}</Button>
			</section>
		);
	const { secret } = person;
	return (
		<section className="flex flex-col gap-4">
			<h1 className="font-bold text-xl">{say.settingsTitle}</h1>
			<p className="text-muted text-sm">{say.settingsLead}</p>
			{choicesOf(terms.purposes).map((purpose) => (
				<Choice
					key={purpose.id}
					{...props}
					purpose={purpose}
					choice={sharing.choices.find((one) => one.purpose === purpose.id)}
				/>
			))}
			{terms.purposes
				.filter(({ id }) => id === LINKING)
				.map((purpose) => (
					<Choice
						key={purpose.id}
						{...props}
						purpose={purpose}
						choice={sharing.choices.find((one) => one.purpose === purpose.id)}
					/>
				))}
			<ResidualSection
				terms={terms}
				sharing={sharing}
				decide={async (purpose, granted, presentation) => {
					await person.decide(locale, [{ purpose, granted }], presentation);
					tell({ troth: "decided" });
					changed();
				}}
				reasonOf={reasonOf}
			/>
			<LabelsSection {...props} />
			{!person.canAllow && <OtherBrowser {...props} />}
			{secret !== undefined && (
				<details className="rounded-card border border-line bg-surface">
					<summary className="min-h-11 px-4 py-3 font-semibold text-sm">{say.showCode}</summary>
					<div className="flex flex-col gap-2 border-line border-t px-4 py-3 text-sm">
						<p>{say.showCodeText}</p>
						<code className="break-all font-semibold">{codeOf(secret)}</code>
					</div>
				</details>
			)}
		</section>
	);
}

interface ChoiceProps extends PageProps {
	readonly purpose: PurposeView;
	readonly choice: ChoiceView | undefined;
}

function Choice({ person, locale, terms, purpose, choice, changed }: ChoiceProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const state = choice?.state ?? "unset";
	const answer = state === "unset" ? undefined : state === "granted";
	const decide = async (granted: boolean) => {
		if (busy || granted === answer) return;
		setBusy(true);
		setError(undefined);
		try {
			const presentation = { control: "buttons", initiallyOn: false, place: "settings" } as const;
			await person.decide(locale, [{ purpose: purpose.id, granted }], presentation);
			tell({ troth: "decided" });
			changed();
		} catch (failure) {
			if (isRefusal(failure, "CONSENT_CONFLICT")) changed();
			else if (isRefusal(failure, "FORBIDDEN")) setError(say.otherBrowserTitle);
			else setError(isRefusal(failure, "PURPOSE_NOT_ALLOWED") ? say.barred : reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<section aria-label={purpose.title} className="rounded-card border border-line bg-surface p-4 sm:p-5">
			<div lang={terms.locale}>
				<h2 className="font-bold text-lg">{purpose.title}</h2>
				<p className="mt-1 text-sm">{purpose.body}</p>
			</div>
			<PurposeFacts purpose={purpose} />
			<p className="mt-3 text-muted text-sm" role="status">
				{state === "unset" ? say.state.unset : say.state[state](words.time.dayAndTime(choice?.decidedAtMs ?? 0))}
			</p>
			<div className="mt-2.5" aria-busy={busy}>
				{purpose.id !== LINKING ? (
					<ChoiceButtons title={purpose.title} answer={answer} onAnswer={decide} />
				) : answer === true ? (
					<Button look="quiet" busy={busy} onClick={() => decide(false)}>
						{words.sharing.settings.unlink}
					</Button>
				) : (
					<p className="text-sm">
						{words.sharing.settings.linkFrom(words.sharing.companies(purpose.recipients.map(({ name }) => name)))}
					</p>
				)}
			</div>
			{error !== undefined && (
				<div className="mt-2.5">
					<Problem>{error}</Problem>
				</div>
			)}
		</section>
	);
}
