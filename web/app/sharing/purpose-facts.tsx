/** What one purpose means in facts: what goes, to whom, for how long. */
import type { PurposeView } from "@troth/client/device/api.ts";
import { words } from "../words/words.ts";

export function PurposeFacts({ purpose }: { readonly purpose: PurposeView }) {
	const { sharing: say } = words;
	return (
		<dl className="mt-2.5 grid grid-cols-[auto_1fr] gap-x-3 gap-y-1 text-xs">
			<dt className="text-muted">{say.what}</dt>
			<dd>{say.fieldList(purpose.fields)}</dd>
			<dt className="text-muted">{say.who}</dt>
			<dd>
				{purpose.recipients.map(({ id, name, role }) => (
					<span key={id} className="block">
						{name}, {say.role(role)}
					</span>
				))}
			</dd>
			<dt className="text-muted">{say.howLong}</dt>
			<dd>{say.keptDays(purpose.retentionDays)}</dd>
		</dl>
	);
}
