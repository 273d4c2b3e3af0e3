/** Something that needs nobody's yes: what it is, on what ground, and how to object where that is possible. */
import type { PresentationView, PurposeView, SharingView } from "@troth/client/device/api.ts";
import { useState } from "react";
import { Problem } from "../ui/field.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";
import { PurposeFacts } from "./purpose-facts.tsx";

interface ResidualCardProps {
	readonly purpose: PurposeView;
	readonly sharing: SharingView;
	/** Signs and sends: true ends an objection. */
	readonly decide: (granted: boolean, presentation: PresentationView) => Promise<void>;
	readonly reasonOf: (error: unknown) => string;
}

export function ResidualCard({ purpose, sharing, decide, reasonOf }: ResidualCardProps) {
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const made = sharing.choices.find((choice) => choice.purpose === purpose.id);
	const objected = made?.state === "refused" || made?.state === "withdrawn";
	const { residual: say, person } = words.sharing;
	/** On: it goes on. Off: the objection. */
	const change = async (granted: boolean) => {
		if (busy) return;
		setBusy(true);
		setError(undefined);
		try {
			await decide(granted, { control: "switch", initiallyOn: true, place: "settings" });
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<section aria-label={purpose.title} className="overflow-hidden rounded-card border border-line bg-raised">
			{purpose.objectable ? (
				<SwitchRow
					label={purpose.title}
					text={purpose.body}
					checked={!objected}
					onChange={(next) => void change(next)}
				/>
			) : (
				<div className="px-4 py-3.5">
					<h3 className="font-semibold text-sm">{purpose.title}</h3>
					<p className="text-muted text-xs">{purpose.body}</p>
				</div>
			)}
			<div className="border-line border-t px-4 pt-1 pb-3.5">
				<PurposeFacts purpose={purpose} />
				<p className="mt-2.5 text-muted text-xs">{say.ground(purpose.basis)}</p>
				<p className={`mt-1 text-xs ${objected ? "font-semibold text-moss" : "text-muted"}`}>
					{objected ? say.objected(made?.decidedAtMs) : say.objection(purpose)}
				</p>
				{made?.denied === "AGGREGATES_ONLY" && <p className="mt-1 text-muted text-xs">{person.sumsOnly}</p>}
				{error !== undefined && <Problem>{error}</Problem>}
			</div>
		</section>
	);
}
