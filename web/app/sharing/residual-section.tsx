/** What goes on without a yes, and how to object to it; nothing where there is nothing of the kind. */
import type { PresentationView, PurposeView, SharingView, TermsView } from "@troth/client/device/api.ts";
import { words } from "../words/words.ts";
import { ResidualCard } from "./residual-card.tsx";

interface ResidualSectionProps {
	readonly terms: TermsView;
	readonly sharing: SharingView;
	/** Signs and sends: true ends an objection to this purpose. */
	readonly decide: (purpose: PurposeView["id"], granted: boolean, presentation: PresentationView) => Promise<void>;
	readonly reasonOf: (error: unknown) => string;
}

export function ResidualSection({ terms, sharing, decide, reasonOf }: ResidualSectionProps) {
	const residual = terms.purposes.filter(({ choice }) => !choice);
	const { settings: say } = words.sharing;
	if (residual.length === 0) return null;
	return (
		<section aria-label={say.residual} className="flex flex-col gap-3">
			<div>
				<h2 className="font-bold text-base">{say.residual}</h2>
				<p className="text-muted text-sm">{say.residualText}</p>
			</div>
			{residual.map((purpose) => (
				<ResidualCard
					key={purpose.id}
					purpose={purpose}
					sharing={sharing}
					decide={(granted, presentation) => decide(purpose.id, granted, presentation)}
					reasonOf={reasonOf}
				/>
			))}
		</section>
	);
}
