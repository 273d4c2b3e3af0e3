/** The terms in force and what this account accepted of them. */
import { CircleCheck, ScrollText } from "lucide-react";
import { useModel } from "../state/context.ts";
import { useCell } from "../state/store.ts";
import { AcceptButton } from "../terms/accept-button.tsx";
import { TermsText } from "../terms/terms-text.tsx";
import { Note } from "../ui/note.tsx";
import { Pane } from "../ui/pane.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { words } from "../words/words.ts";

export function TermsPage() {
	const terms = useCell(useModel().terms);
	return (
		<Pane title={words.settings.terms} stands="content">
			{terms === undefined ? (
				<div className="p-6">
					<Spinner size={22} />
				</div>
			) : (
				<div className="mx-auto flex max-w-xl flex-col gap-6 p-5">
					<p className="text-muted text-sm">
						{words.terms.version(terms.version)},{" "}
						{words.terms.inForceSince(words.time.dayOfOtherYear(terms.publishedAtMs))}
					</p>
					{terms.acceptedVersion >= terms.version ? (
						<Note icon={<CircleCheck size={18} />} tone="moss">
							{words.terms.accepted(terms.acceptedVersion)}
						</Note>
					) : (
						<Note icon={<ScrollText size={18} />} tone="brass">
							{words.terms.notAccepted}
						</Note>
					)}
					<TermsText terms={terms} />
					<PublicPages version={terms.version} />
					{terms.acceptedVersion < terms.version && (
						<AcceptButton version={terms.version} named={terms.acceptedVersion > 0} />
					)}
				</div>
			)}
		</Pane>
	);
}

/** The same for who has no account: pages of the server, not of the app. */
function PublicPages({ version }: { readonly version: number }) {
	const say = words.terms;
	const pages = [
		["/terms", say.allVersions],
		[`/terms/${version}/changes`, say.whatChanged],
		[`/terms/${version}/faq`, say.questions],
		["/promises", say.promises],
	] as const;
	return (
		<section aria-labelledby="public-pages">
			<h2 id="public-pages" className="mb-1 font-semibold text-muted text-sm">
				{say.publicPages}
			</h2>
			<p className="text-muted text-sm">{say.publicPagesText}</p>
			<ul className="flex flex-wrap gap-x-5">
				{pages.map(([path, name]) => (
					<li key={path}>
						<a
							href={path}
							target="_blank"
							rel="noreferrer"
							className="inline-flex min-h-11 items-center text-plum text-sm underline underline-offset-2"
						>
							{name}
						</a>
					</li>
				))}
			</ul>
		</section>
	);
}
