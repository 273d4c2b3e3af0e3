/** One thing, and the people who may see it. */
import type { AudienceName } from "@troth/client/device/api.ts";
import { AUDIENCE_NAMES } from "@troth/client/device/presence-api.ts";
import { Select } from "../ui/select.tsx";
import { words } from "../words/words.ts";

export interface AudienceRowProps {
	readonly label: string;
	readonly text: string;
	readonly audience: AudienceName;
	readonly onChange: (audience: AudienceName) => void;
}

export function AudienceRow({ label, text, audience, onChange }: AudienceRowProps) {
	return (
		<Select
			label={label}
			hint={text}
			value={audience}
			options={AUDIENCE_NAMES.map((value) => ({ value, label: words.privacy.audiences[value] }))}
			onChange={(value) => onChange(value as AudienceName)}
		/>
	);
}
