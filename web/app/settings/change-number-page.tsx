/** Another number for this account: what stays and what changes, the code to the new number, and a last question. */
import type { NumberTelling } from "@troth/client/device/api.ts";
import { CircleCheck, Hourglass, KeyRound, TriangleAlert } from "lucide-react";
import { type FormEvent, useCallback, useState } from "react";
import { NumberField } from "../people/number-field.tsx";
import { homeRegion, loadNumbers, useTitle } from "../people/use-numbers.ts";
import { CodeEntry, NO_FACTS } from "../registration/code-entry.tsx";
import { PinEntry } from "../registration/pin-entry.tsx";
import { Link } from "../routing/link.tsx";
import { goBack } from "../routing/router.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { Sentences } from "./sentences.tsx";
import { TellingChoice } from "./telling.tsx";
import { useAnswer } from "./use-answer.ts";

interface Attempt {
	readonly phone: string;
	readonly id: string;
	readonly resendAtMs: number;
}

type Step =
	| { readonly at: "number" }
	| { readonly at: "code"; readonly attempt: Attempt }
	| { readonly at: "pin"; readonly attempt: Attempt; readonly lockedUntilMs: number }
	| { readonly at: "confirm"; readonly attempt: Attempt; readonly replacesAccount: boolean }
	| { readonly at: "done"; readonly phone: string; readonly ended: readonly string[]; readonly told: number };

export function ChangeNumberPage() {
	const [step, setStep] = useState<Step>({ at: "number" });
	const [typed, setTyped] = useState("");
	return (
		<Pane title={words.changingNumber.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-6 p-5 text-sm">
				{step.at === "number" && <NewNumber typed={typed} onTyped={setTyped} onStep={setStep} />}
				{step.at === "code" && <Code attempt={step.attempt} onStep={setStep} />}
				{step.at === "pin" && <Pin {...step} onStep={setStep} />}
				{step.at === "confirm" && <LastQuestion {...step} onStep={setStep} />}
				{step.at === "done" && <Done {...step} />}
			</div>
		</Pane>
	);
}

interface StepProps {
	readonly onStep: (step: Step) => void;
}

interface NewNumberProps extends StepProps {
	readonly typed: string;
	readonly onTyped: (typed: string) => void;
}

function NewNumber({ typed, onTyped, onStep }: NewNumberProps) {
	const { host, self } = useModel();
	const titleOf = useTitle();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const phone = useCell(self)?.phone ?? "";
	const rule = useAnswer(useCallback(() => host.numberRule(), [host])).value;
	const submit = async (event: FormEvent) => {
		event.preventDefault();
		setBusy(true);
		setError(undefined);
		try {
			const number = (await loadNumbers()).readNumber(typed, homeRegion()).e164;
			if (number === undefined || number === phone) return setError(words.refusal("PHONE_INVALID"));
			const { attempt: id, resendAtMs, replacesAccount } = await host.requestNumberCode(number);
			const attempt = { phone: number, id, resendAtMs };
			onStep(replacesAccount === undefined ? { at: "code", attempt } : { at: "confirm", attempt, replacesAccount });
		} catch (failure) {
			setError(reasonOf(failure));
		} finally {
			setBusy(false);
		}
	};
	const { changingNumber: say } = words;
	return (
		<form onSubmit={submit} noValidate className="flex flex-col gap-6">
			<p>{say.lead(titleOf(phone))}</p>
			{rule?.changeableFromMs !== undefined && (
				<Note
					tone="brass"
					icon={<Hourglass size={18} />}
					title={say.waits(words.time.dayAndTime(rule.changeableFromMs))}
				>
					{rule.backUntilMs !== undefined && <p>{say.back(words.time.dayAndTime(rule.backUntilMs))}</p>}
				</Note>
			)}
			<WhatFollows />
			<NumberField
				label={say.label}
				value={typed}
				onChange={(next) => {
					onTyped(next);
					setError(undefined);
				}}
				error={error}
				own
			/>
			<Button type="submit" busy={busy} disabled={typed.trim() === ""} className="self-start">
				{say.submit}
			</Button>
		</form>
	);
}

function Code({ attempt, onStep }: StepProps & { readonly attempt: Attempt }) {
	const { host, self } = useModel();
	const titleOf = useTitle();
	const server = useCell(self)?.server ?? "";
	const facts = useAnswer(useCallback(() => host.serverFacts(server), [host, server])).value;
	return (
		<>
			<p>{words.changingNumber.code(titleOf(attempt.phone))}</p>
			<CodeEntry
				resendAtMs={attempt.resendAtMs}
				codes={facts ?? NO_FACTS}
				onCode={async (code) => {
					const { replacesAccount, lockedUntilMs } = await host.verifyNumberCode(attempt.id, code);
					if (lockedUntilMs === undefined) onStep({ at: "confirm", attempt, replacesAccount });
					else onStep({ at: "pin", attempt, lockedUntilMs });
				}}
				onResend={(channel) => host.resendNumberCode(attempt.id, channel)}
				onOtherNumber={() => onStep({ at: "number" })}
			/>
		</>
	);
}

interface PinProps extends StepProps {
	readonly attempt: Attempt;
	readonly lockedUntilMs: number;
}

function Pin({ attempt, lockedUntilMs, onStep }: PinProps) {
	const { host } = useModel();
	const { registrationLock: say } = words;
	return (
		<>
			<Note icon={<KeyRound size={18} />} title={say.askTitle}>
				{say.askText}
			</Note>
			<PinEntry
				lockedUntilMs={lockedUntilMs}
				onPin={async (pin) => {
					await host.unlockNewNumber(attempt.id, pin);
					onStep({ at: "confirm", attempt, replacesAccount: true });
				}}
				onOtherNumber={() => onStep({ at: "number" })}
			/>
		</>
	);
}

interface LastQuestionProps extends StepProps {
	readonly attempt: Attempt;
	readonly replacesAccount: boolean;
}

function LastQuestion({ attempt, replacesAccount, onStep }: LastQuestionProps) {
	const { host, self } = useModel();
	const titleOf = useTitle();
	const titlesOf = useTitles();
	const [busy, setBusy] = useState(false);
	const [problem, setProblem] = useState<string>();
	const [telling, setTelling] = useState<NumberTelling>({ to: "nobody" });
	const { changingNumber: say } = words;
	const change = async () => {
		setBusy(true);
		setProblem(undefined);
		try {
			const { phone, ended, told } = await host.changeNumber(attempt.id, "buttons", telling);
			self.set(await host.self());
			onStep({ at: "done", phone, ended: titlesOf(ended), told });
		} catch (error) {
			setProblem(reasonOf(error));
			setBusy(false);
		}
	};
	return (
		<>
			<h2 className="font-bold text-base">
				{say.confirmTitle(titleOf(useCell(self)?.phone ?? ""), titleOf(attempt.phone))}
			</h2>
			<WhatFollows />
			{replacesAccount && (
				<Note tone="rust" icon={<TriangleAlert size={18} />} title={say.replacesTitle}>
					{say.replacesText}
				</Note>
			)}
			<TellingChoice telling={telling} onChange={setTelling} />
			{problem !== undefined && <Problem>{problem}</Problem>}
			<div className="flex flex-wrap gap-2">
				<Button busy={busy} onClick={() => void change()}>
					{say.confirm}
				</Button>
				<Button look="quiet" disabled={busy} onClick={() => goBack()}>
					{say.cancel}
				</Button>
			</div>
		</>
	);
}

interface DoneProps {
	readonly phone: string;
	readonly ended: readonly string[];
	readonly told: number;
}

function Done({ phone, ended, told }: DoneProps) {
	const { changingNumber: say } = words;
	return (
		<Note tone="moss" icon={<CircleCheck size={18} />} title={say.done(useTitle()(phone))}>
			<p role="status">{say.doneText(told)}</p>
			{ended.length > 0 && (
				<p className="mt-2">
					{say.ended(ended)}{" "}
					<Link to={{ place: "settings", page: "sharing" }} className="font-semibold text-plum underline">
						{say.choices}
					</Link>
				</p>
			)}
		</Note>
	);
}

/** What stays, what changes, and what becomes of each yes. */
function WhatFollows() {
	const { changingNumber: say } = words;
	const model = useModel();
	const terms = useCell(model.terms);
	const granted = useCell(model.sharing)?.choices.filter(({ state }) => state === "granted") ?? [];
	const carrying = (terms?.purposes ?? []).filter(({ fields }) => fields.includes("phone_number"));
	const stands = (goesOn: boolean) =>
		carrying
			.filter(({ id, purposeHash }) =>
				granted.some((choice) => choice.purpose === id && (choice.purposeHash === purposeHash) === goesOn),
			)
			.map(({ title }) => title);
	const [goesOn, ends] = [stands(true), stands(false)];
	return (
		<>
			<Sentences
				title={say.changes}
				of={[
					...say.changesList,
					...(goesOn.length + ends.length > 0 ? [say.takenBack] : []),
					...(goesOn.length > 0 ? [say.goesOn(goesOn)] : []),
					...(ends.length > 0 ? [say.ends(ends)] : []),
				]}
			/>
			<Sentences title={say.stays} of={say.staysList} />
		</>
	);
}

function useTitles(): (purposes: readonly string[]) => readonly string[] {
	const terms = useCell(useModel().terms);
	return (purposes) => purposes.map((purpose) => terms?.purposes.find(({ id }) => id === purpose)?.title ?? purpose);
}
