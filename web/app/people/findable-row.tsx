/** Who may find the person by number. */
import type { FindableByView, FindingView } from "@troth/client/device/api.ts";
import { useAction } from "../info/use-action.ts";
import { useModel } from "../state/context.ts";
import { Select } from "../ui/select.tsx";
import { words } from "../words/words.ts";

export interface FindableRowProps {
	readonly finding: FindingView;
	readonly onChange: (finding: FindingView) => void;
}

export function FindableRow({ finding, onChange }: FindableRowProps) {
	const { host, announcement } = useModel();
	const act = useAction();
	const { findable: say } = words.finding;
	const choose = (byNumber: FindableByView) =>
		act(async () => {
			onChange(await host.setFindable(byNumber));
			announcement.set(words.settings.saved);
		});
	return (
		<Select
			label={say.label}
			hint={say.texts[finding.byNumber]}
			value={finding.byNumber}
			options={(["everyone", "contacts", "nobody"] as const).map((value) => ({ value, label: say.options[value] }))}
			onChange={(value) => void choose(value as FindableByView)}
		/>
	);
}
