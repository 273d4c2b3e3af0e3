/**
 * The notice of new terms, for people who accepted earlier ones: what changes, what stays, until when, and two equal
 * ways on. Calm on purpose: nothing here hurries, and nothing is ticked.
 */
import type { TermsView } from "@troth/client/device/api.ts";
import { compareTerms } from "@troth/protocol/compare-terms.ts";
import { CalendarDays, Hourglass, PauseCircle } from "lucide-react";
import { type ReactNode, useCallback, useEffect, useRef } from "react";
import { Wordmark } from "../design/rings.tsx";
import { useAnswer } from "../settings/use-answer.ts";
import { ResidualNotice } from "../sharing/residual-notice.tsx";
import { EndingBanner } from "../shell/ending-banner.tsx";
import { useModel } from "../state/context.ts";
import { Button } from "../ui/button.tsx";
import { words } from "../words/words.ts";
import { AcceptButton } from "./accept-button.tsx";
import { TermsDifferenceText } from "./terms-difference.tsx";
import { TermsSummary, TermsText } from "./terms-text.tsx";
import { type NoticeState, putNoticeAside, useDisplayedNotice } from "./use-notice.ts";

export function NoticePage({ notice, terms }: { readonly notice: NoticeState; readonly terms: TermsView }) {
	const { host } = useModel();
	const heading = useRef<HTMLHeadingElement>(null);
	const { version, suspended } = notice;
	const { acceptedVersion } = terms;
	useDisplayedNotice(version);
	const { value: before } = useAnswer(useCallback(() => host.terms(acceptedVersion), [host, acceptedVersion]));
	useEffect(() => heading.current?.focus(), []);
	const { notice: say, suspended: paused } = words.sharing;
	return (
		<div className="h-full overflow-y-auto bg-paper">
			<EndingBanner />
			<main className="mx-auto flex min-h-full max-w-2xl flex-col gap-7 px-5 pt-8 sm:px-8 sm:pt-12">
				<header className="flex flex-col gap-6">
					<Wordmark size={28} />
					<div>
						<h1 ref={heading} tabIndex={-1} className="font-bold text-2xl tracking-[-0.015em] outline-none">
							{suspended ? paused.title : say.title}
						</h1>
						<p className="mt-1 text-muted">
							{suspended ? paused.text(version) : say.lead(version, words.time.dayOfOtherYear(terms.publishedAtMs))}
						</p>
					</div>
				</header>
				{suspended ? <StillWorks keptDays={notice.keptDays} /> : <Deadlines notice={notice} />}
				<InShort terms={terms} />
				<ResidualNotice purposes={terms.purposes} />
				<TermsText terms={terms} withSummary={false} />
				{before !== undefined && <TermsDifferenceText documents={compareTerms(before, terms)} />}
				<div className="sticky bottom-0 -mx-5 mt-auto flex flex-col gap-2.5 border-line border-t bg-paper px-5 pt-4 pb-5 sm:-mx-8 sm:px-8">
					<p className="text-muted text-xs">{say.separate}</p>
					<div className="grid gap-2.5 sm:grid-cols-2 sm:items-end">
						<Button look="quiet" className="min-h-12 text-base" onClick={() => putNoticeAside(version)}>
							{suspended ? paused.read : say.later}
						</Button>
						<AcceptButton version={version} named className="max-sm:order-first" />
					</div>
				</div>
			</main>
		</div>
	);
}

function Deadlines({ notice }: { readonly notice: NoticeState }) {
	const { notice: say, daysLeft } = words.sharing;
	const { deadlineMs, daysLeft: left } = notice;
	return (
		<section aria-label={say.deadlines} className="grid gap-px overflow-hidden rounded-card border border-line bg-line">
			<Row icon={<Hourglass size={20} />}>
				<p className="font-semibold">
					{deadlineMs === undefined ? say.acceptBySoon : say.acceptBy(deadlineMs, daysLeft(left ?? 0))}
				</p>
				<p className="text-muted text-sm">{say.acceptByText}</p>
			</Row>
			<Row icon={<CalendarDays size={20} />}>
				<p className="font-semibold">{say.promptTitle}</p>
				<p className="text-muted text-sm">
					{say.promptText} {say.forEver}
				</p>
			</Row>
		</section>
	);
}

function Row({ icon, children }: { readonly icon: ReactNode; readonly children: ReactNode }) {
	return (
		<div className="flex gap-3.5 bg-surface px-4 py-3.5">
			<span aria-hidden="true" className="mt-0.5 shrink-0 text-brass">
				{icon}
			</span>
			<div>{children}</div>
		</div>
	);
}

function StillWorks({ keptDays }: { readonly keptDays: number }) {
	const { suspended: say } = words.sharing;
	return (
		<section aria-label={say.works} className="grid gap-px overflow-hidden rounded-card border border-line bg-line">
			<Row icon={<PauseCircle size={20} />}>
				<h2 className="font-semibold">{say.works}</h2>
				<Sentences of={say.worksList} />
				<h2 className="mt-3 font-semibold">{say.not}</h2>
				<Sentences of={say.notList} />
				{keptDays > 0 && <p className="mt-3 text-muted text-sm">{say.kept(keptDays)}</p>}
			</Row>
		</section>
	);
}

function Sentences({ of }: { readonly of: readonly string[] }) {
	return (
		<ul className="mt-1 flex list-disc flex-col gap-0.5 pl-5 text-sm marker:text-brass-fill">
			{of.map((sentence) => (
				<li key={sentence}>{sentence}</li>
			))}
		</ul>
	);
}

function InShort({ terms }: { readonly terms: TermsView }) {
	const { notice: say } = words.sharing;
	return (
		<section aria-label={say.inShort}>
			<h2 className="mb-3 font-bold text-lg">{say.inShort}</h2>
			<TermsSummary sentences={terms.summary} />
		</section>
	);
}
