/** What needs nobody's yes, with the terms: what it is, who gets it, on what ground, and whether one can object. */
import type { PurposeView } from "@troth/client/device/api.ts";
import { words } from "../words/words.ts";

/** What an opt-out does not stop is said before anybody decides. */
export function ResidualNotice({ purposes }: { readonly purposes: readonly PurposeView[] }) {
	const { notice: say, residual: residualSay, basis, fieldList, companies } = words.sharing;
	const residual = purposes.filter(({ choice }) => !choice);
	if (residual.length === 0) return null;
	return (
		<section aria-label={say.residual}>
			<h2 className="font-bold text-lg">{say.residual}</h2>
			<p className="mb-2.5 text-muted text-sm">{say.residualText}</p>
			<ul className="flex flex-col gap-2.5">
				{residual.map((purpose) => (
					<li key={purpose.id}>
						<p className="font-semibold text-sm">{purpose.title}</p>
						<p className="text-muted text-sm">
							{fieldList(purpose.fields)} → {companies(purpose.recipients.map(({ name }) => name))};{" "}
							{basis(purpose.basis)}. {residualSay.objection(purpose)}
						</p>
					</li>
				))}
			</ul>
		</section>
	);
}
