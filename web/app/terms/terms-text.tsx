/** A version of the terms: the summary first, the full documents one touch away. */
import type { TermsView } from "@troth/client/device/api.ts";
import { ChevronDown } from "lucide-react";
import { words } from "../words/words.ts";
import { TermsDocument } from "./document.tsx";
import { PolicyLogNote } from "./policy-log-note.tsx";

export interface TermsTextProps {
	readonly terms: TermsView;
	/** False where the summary was said in another way above. */
	readonly withSummary?: boolean;
}

export function TermsText({ terms, withSummary = true }: TermsTextProps) {
	return (
		<div className="flex flex-col gap-7">
			{withSummary && <TermsSummary sentences={terms.summary} />}
			<div>
				<h2 className="mb-2 font-semibold text-muted text-sm">{words.terms.readDocuments}</h2>
				<div className="overflow-hidden rounded-card border border-line bg-surface">
					{terms.documents.map(({ id, title, body }) => (
						<details key={id} className="group border-line border-t first:border-t-0">
							<summary className="flex min-h-13 cursor-pointer list-none items-center gap-3 px-4 py-3 font-semibold text-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
								<span className="flex-1">{title}</span>
								<ChevronDown
									size={18}
									aria-hidden="true"
									className="text-muted transition-transform group-open:rotate-180"
								/>
							</summary>
							<div className="border-line border-t px-4 py-4">
								<TermsDocument body={body} />
							</div>
						</details>
					))}
				</div>
				<PolicyLogNote log={terms.policyLog} />
			</div>
		</div>
	);
}

/** The short version that stands above the documents. */
export function TermsSummary({ sentences }: { readonly sentences: readonly string[] }) {
	return (
		<ul className="flex flex-col gap-3.5">
			{sentences.map((sentence) => (
				<li key={sentence} className="flex gap-3.5">
					<span aria-hidden="true" className="mt-2 size-2.5 shrink-0 rounded-full border-[2.5px] border-brass-fill" />
					<span>{sentence}</span>
				</li>
			))}
		</ul>
	);
}
