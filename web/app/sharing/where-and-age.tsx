/** Where I live and whether I am of age: what rules about sharing depend on (B11). */
import type { PersonDescription, SharingView, TermsView } from "@troth/client/device/api.ts";
import { REGIONS } from "@troth/protocol";
import { useState } from "react";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Problem } from "../ui/field.tsx";
import { Select } from "../ui/select.tsx";
import { SwitchRow } from "../ui/switch.tsx";
import { words } from "../words/words.ts";

export interface WhereAndAgeProps {
	readonly terms: TermsView;
	readonly sharing: SharingView;
	/** The terms are shown in another way now. */
	readonly onChanged: () => void;
}

/** As the number says: nothing was declared. */
const BY_NUMBER = "";

const byName = new Intl.Collator("en").compare;
const REGION_OPTIONS = REGIONS.map((value) => ({ value, label: words.sharing.region(value) })).sort((a, b) =>
	byName(a.label, b.label),
);

export function WhereAndAge({ terms, sharing, onChanged }: WhereAndAgeProps) {
	const model = useModel();
	const { person } = sharing;
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState<string>();
	const { person: say } = words.sharing;
	const describe = async (description: PersonDescription) => {
		if (busy) return;
		setBusy(true);
		setError(undefined);
		try {
			model.putSharing(await model.host.describePerson(description));
			model.readTerms();
			model.say(say.saved);
			onChanged();
		} catch (failure) {
			setError(reasonOf(failure));
		}
		setBusy(false);
	};
	return (
		<>
			<Select
				label={say.where}
				hint={say.whereText}
				value={person.declaredRegion ?? BY_NUMBER}
				options={[{ value: BY_NUMBER, label: say.byNumber(person.numberRegion) }, ...REGION_OPTIONS]}
				onChange={(region) => void describe({ declaredRegion: region === BY_NUMBER ? null : region })}
			/>
			<SwitchRow
				label={say.minor(terms.minorBelow)}
				text={say.minorText}
				checked={person.minor}
				onChange={(minor) => void describe({ minor })}
			/>
			{error !== undefined && (
				<div className="px-4 py-3">
					<Problem>{error}</Problem>
				</div>
			)}
		</>
	);
}
