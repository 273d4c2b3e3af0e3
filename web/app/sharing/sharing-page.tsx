/** Settings: what may go where, each purpose with a switch that turns off as easily as on, and the receipts. */
import { LINKING } from "@troth/client/consent/as-shown.ts";
import type { ChoiceView, PurposeView, SharingView, TermsView } from "@troth/client/device/api.ts";
import { CalendarDays, ChevronRight } from "lucide-react";
import { type ReactNode, useCallback, useState } from "react";
import { Link } from "../routing/link.tsx";
import { useAnswer } from "../settings/use-answer.ts";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { useCell } from "../state/store.ts";
import { useServerNow } from "../state/use-now.ts";
import { daysUntil } from "../terms/use-notice.ts";
import { Button } from "../ui/button.tsx";
import { Problem } from "../ui/field.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { PurposeFacts } from "./purpose-facts.tsx";
import { ReceiptsList } from "./receipts-list.tsx";
import { ResidualSection } from "./residual-section.tsx";
import { WhereAndAge } from "./where-and-age.tsx";

export function SharingPage() {
	const model = useModel();
	const sharing = useCell(model.sharing);
	return (
		<Pane title={words.sharing.settings.title} stands="content">
			{sharing === undefined ? (
				<div className="p-6">
					<Spinner size={22} />
				</div>
			) : (
				// The words of a choice are those of the version that was accepted.
				<Choices key={sharing.acceptedVersion} sharing={sharing} />
			)}
		</Pane>
	);
}

function Choices({ sharing }: { readonly sharing: SharingView }) {
	const model = useModel();
	const { host } = model;
	const { acceptedVersion } = sharing;
	const {
		value: terms,
		error,
		again,
	} = useAnswer(useCallback(() => host.terms(acceptedVersion), [host, acceptedVersion]));
	const { settings: say } = words.sharing;
	if (error !== undefined)
		return (
			<div className="p-5">
				<Problem>{reasonOf(error)}</Problem>
			</div>
		);
	if (terms === undefined)
		return (
			<div className="p-6">
				<Spinner size={22} />
			</div>
		);
	const choices = terms.purposes.filter(({ choice }) => choice);
	return (
		<div className="mx-auto flex max-w-xl flex-col gap-7 p-5 pb-10">
			<Prompt sharing={sharing} />
			<div className="flex flex-col gap-3">
				<p className="text-muted text-sm">{choices.length === 0 ? say.noneYet : say.lead}</p>
				{choices.map((purpose) => (
					<PurposeCard key={purpose.id} purpose={purpose} terms={terms} sharing={sharing} />
				))}
			</div>
			<Link
				to={{ place: "settings", page: "shares" }}
				className="flex min-h-13 items-center gap-3 rounded-card border border-line bg-raised px-4 py-3 hover:bg-hover"
			>
				<span className="flex-1">
					<span className="block font-semibold text-sm">{words.sharing.shares.title}</span>
					<span className="block text-muted text-xs">{words.sharing.shares.text}</span>
				</span>
				<ChevronRight size={18} aria-hidden="true" className="text-muted" />
			</Link>
			<ResidualSection
				terms={terms}
				sharing={sharing}
				decide={async (purpose, granted, presentation) => {
					model.putSharing(await host.decide([{ purpose, granted }], presentation));
					model.say(say.saved);
				}}
				reasonOf={reasonOf}
			/>
			<Part title={words.sharing.person.title} text={words.sharing.person.text}>
				<WhereAndAge terms={terms} sharing={sharing} onChanged={again} />
			</Part>
			<Part title={say.receipts} text={say.receiptsText}>
				<ReceiptsList terms={terms} />
			</Part>
		</div>
	);
}

/** The days in which the choices are prominent; nothing afterwards. */
export function Prompt({ sharing }: { readonly sharing: SharingView }) {
	const now = useServerNow();
	const { settings: say, daysLeft } = words.sharing;
	const until = sharing.promptUntilMs;
	if (until === undefined || now >= until) return null;
	return (
		<Note icon={<CalendarDays size={18} />} title={say.promptTitle(daysLeft(daysUntil(until, now)))} tone="brass">
			{say.promptText(until)}
		</Note>
	);
}

interface PartProps {
	readonly title: string;
	readonly text: string;
	readonly children: ReactNode;
}

function Part({ title, text, children }: PartProps) {
	return (
		<section aria-label={title}>
			<h2 className="font-bold text-base">{title}</h2>
			<p className="mb-2.5 text-muted text-sm">{text}</p>
			<div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">{children}</div>
		</section>
	);
}

interface PurposeCardProps {
	readonly purpose: PurposeView;
	readonly terms: TermsView;
	readonly sharing: SharingView;
}

function PurposeCard({ purpose, terms, sharing }: PurposeCardProps) {
	const model = useModel();
	const now = useServerNow();
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const made = sharing.choices.find((choice) => choice.purpose === purpose.id);
	const granted = made?.state === "granted";
	const { settings: say } = words.sharing;
	const change = async (next: boolean) => {
		if (busy) return;
		setBusy(true);
		setError(undefined);
		try {
			const presentation = { control: "switch", initiallyOn: granted, place: "settings" } as const;
			model.putSharing(await model.host.decide([{ purpose: purpose.id, granted: next }], presentation));
			model.say(say.saved);
		} catch (failure) {
			setError(reasonOf(failure));
			model.readTerms();
		}
		setBusy(false);
	};
	const flowsFrom = granted && made.flowsFromMs !== undefined && made.flowsFromMs > now ? made.flowsFromMs : undefined;
	return (
		<section aria-label={purpose.title} className="overflow-hidden rounded-card border border-line bg-raised">
			{purpose.id === LINKING || purpose.barred ? (
				<div className="px-4 py-3.5">
					<h2 className="font-semibold text-sm">{purpose.title}</h2>
					<p className="text-muted text-xs">{purpose.body}</p>
					{purpose.barred && <p className="mt-2 text-brass text-xs">{words.sharing.person.barred(terms.minorBelow)}</p>}
					{purpose.id === LINKING && !granted && (
						<p className="mt-2 text-xs">
							{say.linkFrom(words.sharing.companies(purpose.recipients.map(({ name }) => name)))}
						</p>
					)}
				</div>
			) : (
				<SwitchRow label={purpose.title} text={purpose.body} checked={granted} onChange={(next) => void change(next)} />
			)}
			<div className="border-line border-t px-4 pt-1 pb-3.5">
				<PurposeFacts purpose={purpose} />
				<p className="mt-2.5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-xs">
					<span className={granted ? "font-semibold text-moss" : "font-semibold text-muted"}>
						{describeState(made)}
					</span>
					{granted && <span className="text-muted">{say.generation(made.generation)}</span>}
				</p>
				{flowsFrom !== undefined && <p className="mt-1 text-brass text-xs">{say.flowsFrom(flowsFrom)}</p>}
				{error !== undefined && <Problem>{error}</Problem>}
				{purpose.id === LINKING && granted && (
					<Button look="quiet" busy={busy} className="mt-3 min-h-9" onClick={() => void change(false)}>
						{say.unlink}
					</Button>
				)}
			</div>
		</section>
	);
}

function describeState(made: ChoiceView | undefined): string {
	const { state } = words.sharing.settings;
	if (made === undefined || made.state === "unset" || made.decidedAtMs === undefined) return state.unset;
	return state[made.state](made.decidedAtMs);
}
