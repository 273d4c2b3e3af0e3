/** What is different in the documents, word for word and folded away until somebody wants it. */

import type { DocumentDifference } from "@troth/protocol/compare-terms.ts";
import { ChevronDown } from "lucide-react";
import { words } from "../words/words.ts";
import { TermsDocument } from "./document.tsx";

export function TermsDifferenceText({ documents }: { readonly documents: readonly DocumentDifference[] }) {
	const { notice: say } = words.sharing;
	return (
		<div>
			<h2 className="mb-2 font-semibold text-muted text-sm">{say.difference}</h2>
			<div className="overflow-hidden rounded-card border border-line bg-surface">
				{documents.map(({ id, title, parts }) => (
					<details key={id} className="group border-line border-t first:border-t-0">
						<summary className="flex min-h-13 cursor-pointer list-none items-center gap-3 px-4 py-3 font-semibold text-sm hover:bg-hover [&::-webkit-details-marker]:hidden">
							<span className="flex-1">{title}</span>
							<ChevronDown
								size={18}
								aria-hidden="true"
								className="text-muted transition-transform group-open:rotate-180"
							/>
						</summary>
						<div className="flex flex-col gap-3 border-line border-t px-4 py-4">
							{parts.length === 0 && <p className="text-muted text-sm">{say.differenceNone}</p>}
							{parts.map(({ kind, text }) => (
								<div
									key={`${kind} ${text}`}
									className={`rounded-control border-l-4 p-3 ${kind === "added" ? "border-moss bg-moss-soft" : "border-rust bg-rust-soft"}`}
								>
									<p className={`mb-1 font-semibold text-xs ${kind === "added" ? "text-moss" : "text-rust"}`}>
										{kind === "added" ? say.added : say.removed}
									</p>
									<TermsDocument body={text} />
								</div>
							))}
						</div>
					</details>
				))}
			</div>
		</div>
	);
}
