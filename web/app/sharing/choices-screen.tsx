/** The choices after an acceptance: a decision of its own. Going on without an answer leaves everything off. */
import { choicesOf, decisionsAsShown } from "@troth/client/consent/as-shown.ts";
import type { SharingView, TermsView } from "@troth/client/device/api.ts";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Wordmark } from "../design/rings.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { ChoiceButtons } from "./choice-buttons.tsx";
import { PurposeFacts } from "./purpose-facts.tsx";

export interface ChoicesScreenProps {
	readonly terms: TermsView;
	readonly sharing: SharingView;
	readonly place: "registration" | "notice";
}

export function ChoicesScreen({ terms, sharing, place }: ChoicesScreenProps) {
	const model = useModel();
	const heading = useRef<HTMLHeadingElement>(null);
	// An answer that was given to the same words before holds, and is not asked again.
	const [open] = useState(() => choicesOf(terms.purposes).filter((purpose) => !isAnswered(sharing, purpose)));
	const [answers, setAnswers] = useState<ReadonlyMap<string, boolean>>(
		() => new Map(open.filter(({ initiallyOn }) => initiallyOn).map(({ id }) => [id, true])),
	);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const { choices: say } = words.sharing;
	useEffect(() => heading.current?.focus(), []);
	useEffect(() => {
		if (open.length === 0) model.choosing.set(undefined);
	}, [model, open]);

	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			for (const { initiallyOn, decisions } of decisionsAsShown(open, answers))
				model.putSharing(await model.host.decide(decisions, { control: "buttons", initiallyOn, place }));
			model.choosing.set(undefined);
		} catch (failure) {
			setError(reasonOf(failure));
			setBusy(false);
		}
	};

	const barred = terms.purposes.filter(({ barred: closed }) => closed).map(({ title }) => title);
	const shownOn = open.some(({ initiallyOn }) => initiallyOn);
	const embargoDays = Math.max(0, ...open.map((purpose) => purpose.embargoDays));
	return (
		<div className="h-full overflow-y-auto bg-paper">
			<main className="mx-auto flex min-h-full max-w-2xl flex-col px-5 pt-8 sm:px-8 sm:pt-12">
				<form onSubmit={submit} className="flex flex-1 flex-col gap-6">
					<header className="flex flex-col gap-6">
						<Wordmark size={28} />
						<div>
							<h1 ref={heading} tabIndex={-1} className="font-bold text-2xl tracking-[-0.015em] outline-none">
								{say.title}
							</h1>
							<p className="mt-1 text-muted">{say.intro}</p>
						</div>
					</header>
					{open.map((purpose) => (
						<section
							key={purpose.id}
							aria-label={purpose.title}
							className="rounded-card border border-line bg-surface p-4 sm:p-5"
						>
							<h2 className="font-bold text-lg">{purpose.title}</h2>
							<p className="mt-1 text-sm">{purpose.body}</p>
							<PurposeFacts purpose={purpose} />
							<div className="mt-4">
								<ChoiceButtons
									title={purpose.title}
									answer={answers.get(purpose.id)}
									onAnswer={(granted) => setAnswers(new Map(answers).set(purpose.id, granted))}
								/>
							</div>
						</section>
					))}
					<div className="sticky bottom-0 -mx-5 mt-auto flex flex-col gap-2.5 border-line border-t bg-paper px-5 pt-4 pb-5 sm:-mx-8 sm:px-8">
						<p className="text-muted text-xs">
							{barred.length > 0 && `${words.sharing.person.notAsked(barred, terms.minorBelow)} `}
							{shownOn ? say.shownOn : say.openStaysOff} {embargoDays > 0 && say.embargo(embargoDays)}
						</p>
						{error !== undefined && <Problem>{error}</Problem>}
						<Button type="submit" busy={busy} className="min-h-12 text-base">
							{busy ? say.saving : say.submit}
						</Button>
					</div>
				</form>
			</main>
		</div>
	);
}

function isAnswered({ choices }: SharingView, { id, purposeHash }: { id: string; purposeHash: string }): boolean {
	const made = choices.find(({ purpose }) => purpose === id);
	return made !== undefined && made.state !== "unset" && made.purposeHash === purposeHash;
}
