/** Who may find the person by number, among the settings; and the way to their other addresses. */
import { ChevronRight } from "lucide-react";
import { Link } from "../routing/link.tsx";
import { reasonOf } from "../state/model.ts";
import { Problem } from "../ui/field.tsx";
import { words } from "../words/words.ts";
import { FindableRow } from "./findable-row.tsx";
import { useFinding } from "./use-finding.ts";

export function FindingCard() {
	const { finding, error, setFinding } = useFinding();
	return (
		<section aria-label={words.finding.findable.title}>
			<h2 className="mb-2 px-4 font-semibold text-muted text-xs">{words.finding.findable.title}</h2>
			<div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">
				{finding !== undefined ? (
					<FindableRow finding={finding} onChange={setFinding} />
				) : (
					<div className="px-4 py-3.5 text-muted">
						{error === undefined ? words.common.loading : <Problem>{reasonOf(error)}</Problem>}
					</div>
				)}
				<Link
					to={{ place: "people", page: "reach-me" }}
					className="flex min-h-13 items-center gap-3 px-4 py-2.5 font-semibold outline-offset-[-3px] hover:bg-hover"
				>
					<span className="flex-1">{words.finding.reach.row}</span>
					<ChevronRight size={18} aria-hidden="true" className="text-muted" />
				</Link>
			</div>
		</section>
	);
}
