/** Who may see what of the person, one row each. */
import type { AudienceName } from "@troth/client/device/api.ts";
import { useCallback, useState } from "react";
import { useAction } from "../info/use-action.ts";
import { FindingCard } from "../people/finding-card.tsx";
import { useModel } from "../state/context.ts";
import { reasonOf } from "../state/model.ts";
import { Problem } from "../ui/field.tsx";
import { Pane } from "../ui/pane.tsx";
import { words } from "../words/words.ts";
import { AudienceRow } from "./audience-row.tsx";
import { ProfileAudienceRows } from "./profile-audience-rows.tsx";
import { useAnswer } from "./use-answer.ts";

export function PrivacyPage() {
	const { privacy: say } = words;
	return (
		<Pane title={say.title} stands="content">
			<div className="mx-auto flex max-w-xl flex-col gap-5 p-5 text-sm">
				<p>{say.lead}</p>
				<div className="divide-y divide-line overflow-hidden rounded-card border border-line bg-raised">
					<LastSeenRow />
					<ProfileAudienceRows />
				</div>
				<FindingCard />
				<p className="px-1 text-muted text-xs">{say.contacts}</p>
				<p className="px-1 text-muted text-xs">{say.kept}</p>
			</div>
		</Pane>
	);
}

function LastSeenRow() {
	const { host, announcement } = useModel();
	const act = useAction();
	const { privacy: say } = words;
	const { value, error } = useAnswer(useCallback(() => host.presenceAudience(), [host]));
	const [chosen, setChosen] = useState<AudienceName>();
	const choose = (audience: AudienceName) =>
		act(async () => {
			await host.setPresenceAudience(audience);
			setChosen(audience);
			announcement.set(words.settings.saved);
		});
	if (error !== undefined) return <Problem>{reasonOf(error)}</Problem>;
	const audience = chosen ?? value;
	if (audience === undefined) return <p className="px-4 py-3.5 text-muted">{words.common.loading}</p>;
	return (
		<AudienceRow
			label={say.lastSeen}
			text={say.lastSeenText}
			audience={audience}
			onChange={(next) => void choose(next)}
		/>
	);
}
